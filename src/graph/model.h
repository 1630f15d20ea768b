// The one in-memory model, whatever file it came from.
//
// Weights are spans into the mapped files and are never copied to be looked at: a model costs memory
// by its operators and tensors, not by its parameters. The files stay mapped as long as the model (or
// a copy of it) lives. Unknown operators are kept under the source's own name.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/mapped_file.h"
#include "graph/attribute.h"
#include "graph/element_type.h"
#include "graph/kind.h"

namespace edgescope::graph {

inline constexpr std::int64_t kDynamic = -1;

// Dimensions from outermost to innermost; kDynamic where the file leaves one open. `known` is false
// where not even the rank is given (IR with dynamic rank, ONNX values without type information).
//
// TFLite states both: a shape, which runtimes and the Edge TPU's compiler take as it is, and a signature that
// leaves dimensions open for an application that resizes. Then `dims` is the shape, and `resizable` says which.
struct Shape {
  bool known = true;
  std::vector<std::int64_t> dims;
  std::vector<std::string> symbols;  // ONNX names of dynamic dimensions: empty, or one per dimension
  std::vector<bool> resizable = {};  // empty, or one per dimension

  bool is_static() const;
  // 1 for a scalar; nothing where a dimension is dynamic or the product overflows.
  std::optional<std::uint64_t> elements() const;
  std::string text() const;  // "1x224x224x3", "?x10", "scalar", "unknown"
};

// real = scale * (q - zero_point). One entry: per tensor. Several: per channel along `axis`, or
// blockwise with `block` elements of `axis` to a scale (OpenVINO and ONNX express the last two by
// operators, so there they appear on the graph and not here).
struct Quantization {
  std::vector<float> scales;
  std::vector<std::int64_t> zero_points;  // one for all, or one a scale
  int axis = 0;
  std::int64_t block = 0;  // 0: not blockwise
  int scales_tensor = -1;  // blockwise: tensor of the same subgraph that holds the scales
  int zero_points_tensor = -1;

  bool per_channel() const { return scales.size() > 1; }
};

// How the bytes of a constant are to be read.
enum class Encoding : std::uint8_t {
  Raw,      // little-endian elements, packed
  Varint,   // protobuf varints, one an element (ONNX int32_data, int64_data, uint64_data)
  Widened,  // little-endian 4- or 8-byte protobuf elements that hold the narrower or wider tensor type
  Strings,  // the source's own string list
  Sparse,   // the source's own sparse layout: values only, `Tensor::sparse` is true
};

struct Tensor {
  std::string name;
  ElementType type = ElementType::Unknown;
  Shape shape;
  std::shared_ptr<const Quantization> quantization;  // null where there is none
  bool constant = false;                             // has data, even if that is empty
  bool variable = false;                             // state that lives between inferences
  bool sparse = false;
  Encoding encoding = Encoding::Raw;
  std::span<const std::byte> data;  // constants only; into one of Model::files, or into Model::owned
};

struct Operator {
  Kind kind = Kind::Unknown;
  std::string name;          // the source's name for this node, empty in TFLite
  std::string source_kind;   // "CONV_2D", "ai.onnx.ml:ZipMap", "opset8:Gather", custom codes as they are
  std::int64_t version = 0;  // operator or opset version that the source names; 0 where it names none
  bool custom = false;       // outside the format's own operator set
  std::vector<int> inputs;   // tensors of the subgraph, -1 for an omitted optional one
  std::vector<int> outputs;
  Attributes attributes;
  std::span<const std::byte> options;  // custom operators: the raw options
};

struct Subgraph {
  std::string name;
  std::vector<Tensor> tensors;
  std::vector<Operator> operators;  // in the file's order, which need not be an execution order
  std::vector<int> inputs;
  std::vector<int> outputs;
};

struct Signature {
  struct Binding {
    std::string name;  // what the signature calls it
    int tensor = -1;
  };
  std::string key;
  int subgraph = 0;
  std::vector<Binding> inputs, outputs;
};

// Which bytes of which file belong to whom. Extents of one file never overlap and, sorted, cover all
// of it, so that every byte has an owner and the totals add up (after bloaty).
struct Extent {
  enum class Owner : std::uint8_t {
    Weights,    // data of a constant tensor: `subgraph`, `tensor`
    Operators,  // descriptions of operators: `subgraph`, `op`
    Tensors,    // descriptions of tensors, quantisation included: `subgraph`, `tensor`
    Graph,      // the rest of the graph's description
    Metadata,   // names, versions, documentation, metadata buffers
    Padding,    // alignment and unused bytes
  };
  int file = 0;  // index into Model::files
  std::uint64_t offset = 0;
  std::uint64_t size = 0;
  Owner owner = Owner::Graph;
  int subgraph = -1;
  int tensor = -1;
  int op = -1;
};

enum class Format : std::uint8_t { TfLite, Onnx, OpenVinoIr };

// What the innermost meaning of image dimensions is, where the format fixes it.
enum class Layout : std::uint8_t { ChannelsLast, ChannelsFirst };

struct Opset {
  std::string domain;  // "ai.onnx", "opset13" names are in Operator::source_kind for IR
  std::int64_t version = 0;
};

struct Metadata {
  std::string key;
  std::string value;  // empty where it is not short text
  std::uint64_t bytes = 0;
};

struct Model {
  Format format = Format::TfLite;
  std::int64_t format_version = 0;  // TFLite schema version, ONNX ir_version, IR version
  Layout layout = Layout::ChannelsLast;
  std::string name;
  std::string producer;
  std::vector<Opset> opsets;
  std::vector<Subgraph> subgraphs;  // the first is the main one; then bodies and functions
  std::vector<Signature> signatures;
  std::vector<Metadata> metadata;
  std::vector<base::MappedFile> files;  // the first is the one that was named
  std::vector<Extent> extents;
  // Data that the file holds in another form than bytes, e.g. ONNX attribute lists turned into constants.
  std::vector<std::shared_ptr<const std::vector<std::byte>>> owned;
};

std::string_view format_name(Format format);       // "tflite", "onnx", "openvino-ir"
std::string_view owner_name(Extent::Owner owner);  // "weights", ...

}  // namespace edgescope::graph
