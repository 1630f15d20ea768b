// Versions of builtin operators: each counts what was added to the operator over the years.
#include <algorithm>
#include <iterator>

#include "format/tflite/lower.h"
#include "graph/canonical.h"

namespace edgescope::format::tflite {
namespace {

using graph::ElementType;

// The version with 8-bit and 16-bit integers, where they came after the operator itself.
struct Row {
  std::string_view name;
  int int8 = 2;
  int int16 = 3;
};
constexpr Row kRows[] = {
    {"ADD"},
    {"SUB", 2, 5},
    {"MUL", 2, 4},
    {"AVERAGE_POOL_2D"},
    {"MAX_POOL_2D"},
    {"CONCATENATION"},
    {"SOFTMAX"},
    {"LOGISTIC"},
    {"TANH"},
    {"SPLIT", 2, 4},
    {"SPLIT_V", 2, 2},
    {"PAD"},
    {"PADV2"},
    {"RELU"},
    {"RELU6"},
    {"MAXIMUM", 2, 4},
    {"MINIMUM", 2, 4},
    {"SLICE", 2, 4},
    {"STRIDED_SLICE", 2, 4},
    {"TRANSPOSE", 2, 4},
    {"MEAN"},
    {"SUM"},
    {"REDUCE_MAX"},
    {"REDUCE_MIN"},
    {"REDUCE_PROD", 2, 2},
    {"GATHER", 2, 4},
    {"PACK"},
    {"UNPACK", 2, 4},
    {"DEQUANTIZE", 2, 3},
    {"QUANTIZE", 1, 2},
    {"TOPK_V2", 2, 3},
    {"ARG_MAX", 2, 1},
    {"ARG_MIN", 2, 1},
    {"EQUAL", 2, 4},
    {"NOT_EQUAL", 2, 3},
    {"LESS", 2, 3},
    {"LESS_EQUAL", 2, 2},
    {"GREATER", 2, 2},
    {"GREATER_EQUAL", 2, 3},
    {"SELECT", 2, 2},
    {"BATCH_MATMUL"},
    {"LEAKY_RELU", 2, 2},
    {"LOG_SOFTMAX", 2, 1},
    {"SPACE_TO_DEPTH", 2, 1},
    {"DEPTH_TO_SPACE", 2, 1},
    {"RESIZE_BILINEAR", 2, 4},
    {"RESIZE_NEAREST_NEIGHBOR", 2, 4},
    {"SPACE_TO_BATCH_ND", 2, 4},
    {"BATCH_TO_SPACE_ND", 2, 4},
    {"TRANSPOSE_CONV", 2, 4},
    {"ABS", 2, 3},
    {"EXP", 2, 2},
    {"RSQRT", 2, 3},
    {"L2_NORMALIZATION", 2, 1},
    {"SQUARED_DIFFERENCE", 2, 1},
    {"CONV_2D", 3, 4},
    {"DEPTHWISE_CONV_2D", 3, 5},
    {"FULLY_CONNECTED", 4, 7},
    {"TILE", 3, 3},
};

}  // namespace

std::int64_t smallest_version(const graph::Operator& op, const graph::Subgraph& graph) {
  const auto type = [&](std::size_t i) {
    return i < op.inputs.size() && op.inputs[i] >= 0 ? graph.tensors[static_cast<std::size_t>(op.inputs[i])].type
                                                     : ElementType::Unknown;
  };
  const ElementType data = type(op.source_kind == "SPLIT" ? 1 : 0), weights = type(1);
  std::int64_t version = op.source_kind == "BROADCAST_TO" ? 2 : 1;
  const auto* row =
      std::find_if(std::begin(kRows), std::end(kRows), [&](const Row& r) { return r.name == op.source_kind; });
  if (row != std::end(kRows)) {
    if (data == ElementType::Int8) version = row->int8;
    if (data == ElementType::Int16) version = row->int16;
  }
  const auto at_least = [&](bool used, std::int64_t since) {
    if (used) version = std::max(version, since);
  };
  const bool hybrid = data == ElementType::Float32 && weights == ElementType::Int8;
  if (op.source_kind == "FULLY_CONNECTED") {
    at_least(hybrid, 3);
    at_least(graph::get<bool>(op.attributes, "keep_num_dims"), 5);
    at_least(op.inputs.size() == 2, 6);
    const int filter = op.inputs.size() > 1 ? op.inputs[1] : -1;
    const auto* scales = filter < 0 ? nullptr : graph.tensors[static_cast<std::size_t>(filter)].quantization.get();
    at_least(data == ElementType::Int8 && scales != nullptr && scales->per_channel(), 12);
  } else if (op.source_kind == "CONV_2D") {
    at_least(hybrid, 2);
    at_least(graph::get<std::int64_t>(op.attributes, graph::attr::groups, 1) > 1, 6);
  } else if (op.source_kind == "DEPTHWISE_CONV_2D") {
    const auto dilations = graph::get<std::vector<std::int64_t>>(op.attributes, graph::attr::dilations);
    at_least(std::any_of(dilations.begin(), dilations.end(), [](auto d) { return d != 1; }), 2);
    at_least(hybrid, 4);
  } else if (op.source_kind == "GATHER") {
    at_least(data == ElementType::Bool, 3);
    at_least(graph::get<std::int64_t>(op.attributes, graph::attr::batch_dims) != 0, 5);
  } else if (op.source_kind == "TRANSPOSE" || op.source_kind == "STRIDED_SLICE") {
    at_least(data == ElementType::Bool, 3);
  } else if (op.source_kind == "DEQUANTIZE") {
    at_least(data == ElementType::Float16, 3);
  } else if (op.source_kind == "TRANSPOSE_CONV") {
    at_least(op.inputs.size() > 3, 3);
  }
  return version;
}

}  // namespace edgescope::format::tflite
