// What the MYRIAD plugin compiles a network into for the NCS2: a blob of stages, each of which one engine
// of the Myriad X runs (hardware accelerator, SHAVE vector processors, DMA), with the constants behind.
//
// Layout: OpenVINO's public sources (Apache-2.0), checked against blobs of the plugin 2021.4.2. All of it is
// little-endian words. A file that the plugin exports carries a description of inputs and outputs before the
// blob; the stick gets the blob alone.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace edgescope::format::myriad {

// The words behind the ELF-like header, in their order.
struct Header {
  std::uint32_t magic = 0, file_bytes = 0, version = 0, revision = 0;
  std::uint32_t inputs = 0, outputs = 0, stages = 0;
  std::uint32_t input_bytes = 0, output_bytes = 0, batch = 0;
  std::uint32_t bss_bytes = 0;               // intermediate tensors in the stick's DDR memory
  std::uint32_t cmx_slices = 0, shaves = 0;  // what one executor of the network may use
  std::uint32_t has_hardware = 0, has_shave = 0, has_dma = 0;
  std::uint32_t inputs_at = 0, outputs_at = 0, stages_at = 0, constants_at = 0;
};
inline constexpr std::size_t kHeaderBytes = 52 + sizeof(Header);

enum class Engine : std::uint8_t { Hardware, Shave, Dma };
std::string_view engine_name(Engine engine);  // "hardware", "shave", "dma"

struct Stage {
  std::uint32_t type = 0;
  std::uint32_t shaves = 0;  // 0 where no SHAVE runs it
  std::uint64_t offset = 0;  // of its description in the blob
  std::uint64_t bytes = 0;
  Engine engine() const;
  std::string kind() const;  // "Convert"; "type 999" for one that is not known
};

struct Blob {
  Header header;
  std::uint64_t offset = 0;  // of the blob in the file
  std::vector<Stage> stages;
  std::uint64_t constant_bytes() const { return header.file_bytes - header.constants_at; }
};

// Where a blob begins in these bytes; nothing where none does near their beginning.
std::optional<std::uint64_t> find_blob(std::span<const std::byte> bytes);

// Of a blob that begins with the bytes, which may end after the header.
base::Result<Header> read_header(std::span<const std::byte> bytes, const std::string& path);

// Of a whole file, exported or bare.
base::Result<Blob> read_blob(std::span<const std::byte> bytes, const std::string& path);

}  // namespace edgescope::format::myriad
