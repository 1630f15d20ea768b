// What the Edge TPU compiler wrote into one `edgetpu-custom-op`.
//
// The operator's options are a FlexBuffer map; under key "4" it holds a FlatBuffer (file id DWN1), the
// package; that holds executables, FlatBuffers again; and those hold instructions, parameters and the
// DMA hints: the ordered list of every transfer that an inference makes. All four levels are verified
// and bounds-checked here, so that nothing behind this header has to. Parameters and instructions stay
// spans into the mapped file.
//
// Layout: google-coral/libedgetpu's public driver (Apache-2.0), checked against compiled files.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "format/edgetpu/package_bytes.h"

namespace edgescope::format::edgetpu {

enum class ExecutableType : std::uint8_t { StandAlone, ParameterCaching, ExecutionOnly };
std::string_view executable_type_name(ExecutableType type);  // "STAND_ALONE", "PARAMETER_CACHING", "EXECUTION_ONLY"

// One step of an inference on the link, in the order in which the driver makes it.
struct DmaStep {
  enum class Kind : std::uint8_t { Instructions, Input, Parameters, ScratchIn, Output, ScratchOut, Interrupt, Fence };
  Kind kind = Kind::Fence;
  std::uint64_t offset = 0;  // into the executable's parameters, the layer or the scratch buffer
  std::uint64_t bytes = 0;   // 0 for interrupts and fences
  int index = 0;             // instruction chunk, or interrupt number
  int batch = 0;
  std::string layer;  // inputs and outputs
};
std::string_view dma_kind_name(DmaStep::Kind kind);  // "instructions", "input", ...

enum class DataType : std::uint8_t { U8, U16, I32, Bf16, F16, F32, I8, I16, Unknown };
std::string_view data_type_name(DataType type);
int data_type_bytes(DataType type);  // 0 for Unknown

// How a tiled output lies on the wire: element (y, x, z) is at
// tile_byte_offset[y_to_tile[y] + x_to_tile[x]] + y_to_local_row[y] * x_to_local_row_size[x] +
// x_to_local_byte_offset[x] + z. Empty for inputs and untiled outputs.
struct OutputLayout {
  std::vector<std::int32_t> y_to_tile, x_to_tile, tile_byte_offset, x_to_local_byte_offset, y_to_local_row,
      x_to_local_row_size;
};

struct Layer {
  std::string name;
  std::uint64_t bytes = 0;  // of one execution, padding included
  std::int64_t y = 0, x = 0, z = 0;
  std::vector<std::int64_t> shape;  // from the newer shape field, else {y, x, z}
  DataType type = DataType::Unknown;
  std::int64_t zero_point = 0;
  double scale = 0;
  int executions = 1;  // per inference
  OutputLayout layout;
};

// A place in an instruction bitstream where the driver writes a base address before sending it.
struct PatchedField {
  enum class Base : std::uint8_t { Output, Input, Parameter, Scratch };
  Base base = Base::Output;
  int batch = 0;
  std::string layer;
  bool high_word = false;
  std::uint64_t bit = 0;  // 32 bits from here
};

struct InstructionChunk {
  std::span<const std::byte> bytes;
  std::vector<PatchedField> fields;
};

struct Executable {
  std::string name;
  ExecutableType type = ExecutableType::StandAlone;
  std::string chip;
  int batch = 0;
  std::uint64_t file_bytes = 0;  // of the serialised executable
  std::uint64_t scratch_bytes = 0;
  std::span<const std::byte> parameters;
  std::vector<InstructionChunk> instructions;
  std::vector<DmaStep> steps;
  bool deterministic = false;  // the vendor's driver refuses an executable without fully deterministic hints
  bool has_hints = false;
  std::vector<Layer> inputs, outputs;
  std::int64_t estimated_cycles = 0;
  std::uint64_t narrow_bytes_per_tile = 0;
  std::uint64_t caching_token = 0;

  std::uint64_t instruction_bytes() const;
};

struct Package {
  int min_runtime_version = 0;
  std::string compiler_version;
  std::string model_identifier;
  int virtual_chip_id = 0;
  std::string chip;  // named by the options of older files, else by the executables
  std::uint64_t options_bytes = 0;
  OwnedBytes owned_bytes = {};          // add up to options_bytes
  std::vector<Executable> executables;  // in the file's order
};

inline constexpr std::string_view kCustomCode = "edgetpu-custom-op";

// Reads the options of an `edgetpu-custom-op`. `options` must stay mapped while the package is used.
// `file` and `offset` (of the options in it) are what errors say.
base::Result<Package> read_package(std::span<const std::byte> options, const std::string& file,
                                   std::uint64_t offset = 0);

}  // namespace edgescope::format::edgetpu
