#include <algorithm>

#include "format/onnx/fields.h"
#include "format/onnx/reader.h"
#include "format/onnx/wire.h"

namespace edgescope::format::onnx {
namespace {

// Enough to tell a graph from something else, without a walk over all of a large one.
constexpr int kLookedAt = 64;
constexpr std::uint64_t kNewestVersion = 1000;

// Every field of a GraphProto is a string or a message.
bool graph_field(const Field& field) {
  using namespace fields::graph;
  constexpr std::uint32_t kNumbers[] = {node,
                                        name,
                                        initializer,
                                        doc_string,
                                        input,
                                        output,
                                        value_info,
                                        quantization_annotation,
                                        sparse_initializer,
                                        metadata_props};
  return field.wire == Wire::Length &&
         std::find(std::begin(kNumbers), std::end(kNumbers), field.number) != std::end(kNumbers);
}

// `fields` counts those of the graph that are complete.
bool looks_like_graph(Bytes bytes, int& fields) {
  Walk walk(bytes);
  for (Field field; fields < kLookedAt && walk.next(field); ++fields)
    if (!graph_field(field)) return false;
  return true;
}

bool model_field(const Field& field) {
  using namespace fields::model;
  switch (field.number) {
    case ir_version:
      return field.wire == Wire::Varint && field.value > 0 && field.value <= kNewestVersion;
    case model_version:
      return field.wire == Wire::Varint;
    case producer_name:
    case producer_version:
    case domain:
    case doc_string:
    case graph:
    case opset_import:
    case metadata_props:
    case training_info:
    case functions:
    case configuration:
      return field.wire == Wire::Length;
    default:
      return false;
  }
}

}  // namespace

bool recognised(std::span<const std::byte> bytes) {
  bool has_version = false, has_graph = false;
  Walk walk(bytes);
  for (Field field; walk.next(field);) {
    if (!model_field(field)) return false;
    has_version = has_version || field.number == fields::model::ir_version;
    if (field.number != fields::model::graph) continue;
    int complete = 0;
    if (!looks_like_graph(field.payload, complete)) return false;
    has_graph = true;
  }
  if (walk.problem().empty() || !has_version) return has_version && has_graph;

  // It breaks off: within the graph, after at least one complete part of it, is a file that was cut.
  Bytes rest(walk.position(), bytes.data() + bytes.size());
  constexpr std::uint64_t kGraphTag = fields::model::graph << 3 | static_cast<std::uint64_t>(Wire::Length);
  if (take_varint(rest) != kGraphTag || !take_varint(rest)) return false;
  int complete = 0;
  return looks_like_graph(rest, complete) && complete > 0;
}

}  // namespace edgescope::format::onnx
