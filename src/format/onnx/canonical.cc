// What ONNX's own operators call their attributes, and the values that they take where a file gives none.
#include <algorithm>
#include <array>

#include "format/onnx/attributes.h"
#include "format/onnx/tensor.h"

namespace edgescope::format::onnx {
namespace {

using graph::Kind;
namespace attr = graph::attr;

struct Rename {
  std::string_view from, to;
};
constexpr Rename kRenames[] = {{"kernel_shape", attr::kernel}, {"group", attr::groups},
                               {"keepdims", attr::keep_dims},  {"transA", attr::transpose_a},
                               {"transB", attr::transpose_b},  {"perm", attr::permutation},
                               {"blocksize", attr::block_size}};

enum class Is : std::uint8_t { Int, Float, Bool };

// The default of one attribute in the opsets [since, until).
struct Default {
  std::string_view op, attribute;
  Is is;
  double value;
  int since = 1;
  int until = 1 << 30;
};
constexpr Default kDefaults[] = {
    {"ArgMax", attr::axis, Is::Int, 0},
    {"ArgMax", attr::keep_dims, Is::Bool, 1},
    {"ArgMin", attr::axis, Is::Int, 0},
    {"ArgMin", attr::keep_dims, Is::Bool, 1},
    {"BatchNormalization", attr::epsilon, Is::Float, 1e-5f},
    {"Celu", attr::alpha, Is::Float, 1},
    {"Clip", attr::max, Is::Float, 3.4028234663852886e+38, 6, 11},
    {"Clip", attr::min, Is::Float, -3.4028234663852886e+38, 6, 11},
    {"Concat", attr::axis, Is::Int, 1, 1, 4},
    {"Conv", attr::groups, Is::Int, 1},
    {"ConvInteger", attr::groups, Is::Int, 1},
    {"ConvTranspose", attr::groups, Is::Int, 1},
    {"DFT", attr::axis, Is::Int, 1, 17, 20},
    {"DeformConv", attr::groups, Is::Int, 1},
    {"DequantizeLinear", attr::axis, Is::Int, 1, 13},
    {"Elu", attr::alpha, Is::Float, 1},
    {"Flatten", attr::axis, Is::Int, 1},
    {"Gather", attr::axis, Is::Int, 0},
    {"GatherElements", attr::axis, Is::Int, 0},
    {"Gemm", attr::alpha, Is::Float, 1},
    {"Gemm", attr::beta, Is::Float, 1},
    {"Gemm", attr::transpose_a, Is::Bool, 0},
    {"Gemm", attr::transpose_b, Is::Bool, 0},
    {"GroupNormalization", attr::epsilon, Is::Float, 1e-5f},
    {"HardSigmoid", attr::alpha, Is::Float, 0.2f},
    {"HardSigmoid", attr::beta, Is::Float, 0.5},
    {"Hardmax", attr::axis, Is::Int, 1, 1, 13},
    {"Hardmax", attr::axis, Is::Int, -1, 13},
    {"InstanceNormalization", attr::epsilon, Is::Float, 1e-5f},
    {"LRN", attr::alpha, Is::Float, 1e-4f},
    {"LRN", attr::beta, Is::Float, 0.75},
    {"LayerNormalization", attr::axis, Is::Int, -1},
    {"LayerNormalization", attr::epsilon, Is::Float, 1e-5f},
    {"LeakyRelu", attr::alpha, Is::Float, 0.01f},
    {"LogSoftmax", attr::axis, Is::Int, 1, 1, 13},
    {"LogSoftmax", attr::axis, Is::Int, -1, 13},
    {"LpNormalization", attr::axis, Is::Int, -1},
    {"OneHot", attr::axis, Is::Int, -1},
    {"QLinearConv", attr::groups, Is::Int, 1},
    {"QuantizeLinear", attr::axis, Is::Int, 1, 13},
    {"RMSNormalization", attr::axis, Is::Int, -1},
    {"RMSNormalization", attr::epsilon, Is::Float, 1e-5f},
    {"ReduceL1", attr::keep_dims, Is::Bool, 1},
    {"ReduceL2", attr::keep_dims, Is::Bool, 1},
    {"ReduceLogSum", attr::keep_dims, Is::Bool, 1},
    {"ReduceLogSumExp", attr::keep_dims, Is::Bool, 1},
    {"ReduceMax", attr::keep_dims, Is::Bool, 1},
    {"ReduceMean", attr::keep_dims, Is::Bool, 1},
    {"ReduceMin", attr::keep_dims, Is::Bool, 1},
    {"ReduceProd", attr::keep_dims, Is::Bool, 1},
    {"ReduceSum", attr::keep_dims, Is::Bool, 1},
    {"ReduceSumSquare", attr::keep_dims, Is::Bool, 1},
    {"Scatter", attr::axis, Is::Int, 0},
    {"ScatterElements", attr::axis, Is::Int, 0},
    {"Selu", attr::alpha, Is::Float, 1.6732f, 1, 6},
    {"Selu", attr::alpha, Is::Float, 1.67326319217681884765625, 6},
    {"Softmax", attr::axis, Is::Int, 1, 1, 13},
    {"Softmax", attr::axis, Is::Int, -1, 13},
    {"Split", attr::axis, Is::Int, 0, 2},
    {"SplitToSequence", attr::axis, Is::Int, 0},
    {"SplitToSequence", attr::keep_dims, Is::Bool, 1},
    {"SwiGLU", attr::alpha, Is::Float, 1},
    {"Swish", attr::alpha, Is::Float, 1},
    {"TensorScatter", attr::axis, Is::Int, -2},
    {"ThresholdedRelu", attr::alpha, Is::Float, 1},
    {"TopK", attr::axis, Is::Int, -1},
};

// Operators that slide a window, and which input holds their weights (-1: a pool).
struct Window {
  std::string_view op;
  int weights;
};
constexpr Window kWindows[] = {{"Conv", 1},        {"ConvTranspose", 1}, {"ConvInteger", 1}, {"DeformConv", 1},
                               {"QLinearConv", 3}, {"AveragePool", -1},  {"MaxPool", -1},    {"LpPool", -1}};

constexpr std::size_t kMostDimensions = 64;

class Canonical {
 public:
  Canonical(graph::Operator& op, const graph::Subgraph& graph) : op_(op), graph_(graph) {}

  void run() {
    for (auto& [name, value] : op_.attributes) rename(name, value);
    pads();
    if (const auto window = std::find_if(std::begin(kWindows), std::end(kWindows),
                                         [&](const Window& w) { return w.op == op_.source_kind; });
        window != std::end(kWindows))
      slide(window->weights);
    for (const Default& row : kDefaults)
      if (row.op == op_.source_kind && op_.version >= row.since && op_.version < row.until) fill(row);
    if (op_.kind == Kind::Resize) resize();
    if (op_.kind == Kind::Transpose) transpose();
    if (op_.source_kind == "Conv") convolution();
  }

 private:
  void rename(std::string& name, graph::Attribute& value) {
    for (const Rename& row : kRenames)
      if (name == row.from) name = row.to;
    if (name == attr::keep_dims || name == attr::transpose_a || name == attr::transpose_b) {
      if (const auto* number = std::get_if<std::int64_t>(&value)) value = *number != 0;
    } else if (name == "auto_pad") {
      name = attr::padding;
      const auto* text = std::get_if<std::string>(&value);
      if (text == nullptr) return;
      if (*text == "SAME_UPPER")
        value = std::string("same");
      else if (*text == "SAME_LOWER")
        value = std::string("same_lower");
      else if (*text == "VALID")
        value = std::string("valid");
      else if (*text == "NOTSET")
        value = std::string("explicit");
    } else if (name == attr::to && (op_.kind == Kind::Cast || op_.kind == Kind::Bitcast)) {
      if (const auto* number = std::get_if<std::int64_t>(&value))
        value = std::string(graph::element_type_name(element_type(static_cast<std::uint64_t>(*number))));
    }
  }

  // All begins, then all ends.
  void pads() {
    for (std::size_t i = 0; i < op_.attributes.size(); ++i) {
      if (op_.attributes[i].first != "pads") continue;
      const auto* list = std::get_if<std::vector<std::int64_t>>(&op_.attributes[i].second);
      if (list == nullptr || list->size() % 2 != 0) return;
      const auto middle = list->begin() + static_cast<std::ptrdiff_t>(list->size() / 2);
      std::vector<std::int64_t> begin(list->begin(), middle), end(middle, list->end());
      op_.attributes[i] = {std::string(attr::pads_begin), std::move(begin)};
      op_.attributes.emplace(op_.attributes.begin() + static_cast<std::ptrdiff_t>(i) + 1, attr::pads_end,
                             std::move(end));
      return;
    }
  }

  void slide(int weights) {
    const graph::Tensor* weight = weights >= 0 ? input(static_cast<std::size_t>(weights)) : nullptr;
    if (!has(attr::kernel) && weight != nullptr && weight->shape.is_static() && weight->shape.dims.size() > 2 &&
        weight->shape.dims.size() <= kMostDimensions)
      add(attr::kernel, std::vector<std::int64_t>(weight->shape.dims.begin() + 2, weight->shape.dims.end()));
    if (!has(attr::padding)) add(attr::padding, std::string("explicit"));
    const std::size_t rank = graph::get<std::vector<std::int64_t>>(op_.attributes, attr::kernel).size();
    if (rank == 0 || rank > kMostDimensions) return;
    const auto each = [&](std::string_view name, std::int64_t value) {
      if (!has(name)) add(name, std::vector<std::int64_t>(rank, value));
    };
    each(attr::strides, 1);
    each(attr::dilations, 1);
    if (graph::get<std::string>(op_.attributes, attr::padding) != "explicit") return;
    each(attr::pads_begin, 0);
    each(attr::pads_end, 0);
  }

  void fill(const Default& row) {
    if (has(row.attribute)) return;
    switch (row.is) {
      case Is::Int:
        return add(row.attribute, static_cast<std::int64_t>(row.value));
      case Is::Float:
        return add(row.attribute, row.value);
      case Is::Bool:
        return add(row.attribute, row.value != 0);
    }
  }

  // Until opset 10 the pixels of Upsample and Resize begin at their corners.
  void resize() {
    const std::string otherwise = op_.source_kind == "Resize" && op_.version >= 11 ? "half_pixel" : "asymmetric";
    const auto mode = graph::get<std::string>(op_.attributes, "coordinate_transformation_mode", otherwise);
    add(attr::align_corners, mode == "align_corners");
    add(attr::half_pixel_centers,
        mode == "half_pixel" || mode == "pytorch_half_pixel" || mode == "half_pixel_symmetric");
  }

  // Without an order, the dimensions are reversed.
  void transpose() {
    const graph::Tensor* data = input(0);
    if (has(attr::permutation) || data == nullptr || !data->shape.known || data->shape.dims.size() > kMostDimensions)
      return;
    std::vector<std::int64_t> order(data->shape.dims.size());
    for (std::size_t i = 0; i < order.size(); ++i) order[i] = static_cast<std::int64_t>(order.size() - 1 - i);
    add(attr::permutation, std::move(order));
  }

  void convolution() {
    const auto groups = graph::get<std::int64_t>(op_.attributes, attr::groups, 1);
    if (groups <= 1) return;
    op_.kind = Kind::GroupConvolution;
    const graph::Tensor *data = input(0), *weight = input(1);
    const bool one_channel =
        weight != nullptr && weight->shape.known && weight->shape.dims.size() > 1
            ? weight->shape.dims[1] == 1
            : data != nullptr && data->shape.known && data->shape.dims.size() > 1 && data->shape.dims[1] == groups;
    if (one_channel) op_.kind = Kind::DepthwiseConvolution;
  }

  const graph::Tensor* input(std::size_t index) const {
    if (index >= op_.inputs.size() || op_.inputs[index] < 0) return nullptr;
    return &graph_.tensors[static_cast<std::size_t>(op_.inputs[index])];
  }

  bool has(std::string_view name) const { return graph::find(op_.attributes, name) != nullptr; }
  void add(std::string_view name, graph::Attribute value) { op_.attributes.emplace_back(name, std::move(value)); }

  graph::Operator& op_;
  const graph::Subgraph& graph_;
};

}  // namespace

void canonicalise(graph::Operator& op, const graph::Subgraph& graph) { Canonical(op, graph).run(); }

std::string_view source_name(std::string_view canonical) {
  for (const Rename& row : kRenames)
    if (row.to == canonical) return row.from;
  return canonical;
}

}  // namespace edgescope::format::onnx
