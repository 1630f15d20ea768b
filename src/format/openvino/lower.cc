#include "format/openvino/lower.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "format/openvino/same_operator.h"
#include "graph/canonical.h"
#include "graph/lowering.h"
#include "graph/unique_names.h"

namespace edgescope::format::openvino {
namespace {

namespace attr = graph::attr;
using graph::ElementType;
using graph::Kind;
using graph::Operator;
using Ints = std::vector<std::int64_t>;

constexpr double kInfinity = std::numeric_limits<double>::infinity();

class Lowering : graph::Lowering {
 public:
  Lowering(graph::Model& model, graph::Subgraph& graph) : graph::Lowering(model, graph) {}

  base::Status run() {
    EDGESCOPE_TRY(changed, emitter_.replace_canonical([this](Operator op) { return lower(std::move(op)); }));
    if (!changed) return {};
    graph::unique_names(graph_);
    for (Operator& op : graph_.operators)  // layers are told apart by their names
      if (op.outputs.size() == 1) op.name = emitter_.tensor(op.outputs[0]).name;
    return {};
  }

 private:
  base::Status refuse(const Operator& op, std::string_view why) const {
    return base::fail({.what = fmt::format("{} cannot be written as OpenVINO IR: {}", graph::kind_name(op.kind), why),
                       .node = op.name});
  }

  int i64(const Ints& values) { return emitter_.ints(values, ElementType::Int64); }
  int i64(std::int64_t value) { return emitter_.ints({value}, ElementType::Int64, true); }

  // "opset1:Add"; the operator keeps its attributes.
  base::Status emit(Operator op, std::string_view name) {
    op.source_kind = name;
    op.version = name[5] - '0';
    emitter_.emit(std::move(op));
    return {};
  }
  // With these attributes instead, and more inputs.
  base::Status emit(Operator op, std::string_view name, const std::vector<int>& more,
                    graph::Attributes attributes = {}) {
    op.inputs.insert(op.inputs.end(), more.begin(), more.end());
    op.attributes = std::move(attributes);
    return emit(std::move(op), name);
  }

  base::Status lower(Operator op) {
    // A fused activation is an operator of its own here.
    const auto fused = graph::get<std::string>(op.attributes, attr::activation, "none");
    std::erase_if(op.attributes, [](const auto& a) { return a.first == attr::activation; });
    if (fused == "none") return plain(std::move(op));
    Operator activation{.name = op.name, .outputs = op.outputs};
    activation.inputs = {between(op, "/linear")};
    const Operator named = op;
    EDGESCOPE_CHECK(plain(std::move(op)));
    if (const auto kind = graph::kind_from_name(fused)) {
      activation.kind = *kind;
      return plain(std::move(activation));
    }
    return refuse(named, fmt::format("its activation `{}` is not known", fused));
  }

  base::Status plain(Operator op) {
    const SameOperator* same = same_operator(op.kind);
    if (same) {
      if (same->broadcasts) op.attributes.emplace_back("auto_broadcast", std::string("numpy"));
      if (graph::find(op.attributes, attr::axis))
        for (auto& [name, value] : op.attributes)
          if (name == attr::axis) value = axis(op);
      if (op.kind == Kind::Elu && !graph::find(op.attributes, attr::alpha))
        op.attributes.emplace_back(attr::alpha, 1.0);
      return emit(std::move(op), same->name);
    }
    switch (op.kind) {
      case Kind::Relu6:
        return clamp(std::move(op), 0, 6);
      case Kind::ReluN1To1:
        return clamp(std::move(op), -1, 1);
      case Kind::Relu0To1:
        return clamp(std::move(op), 0, 1);
      case Kind::Clamp: {
        const double low = graph::get<double>(op.attributes, attr::min, -kInfinity);
        const double high = graph::get<double>(op.attributes, attr::max, kInfinity);
        return clamp(std::move(op), low, high);
      }
      case Kind::LeakyRelu: {
        const int slope = emitter_.real(graph::get<double>(op.attributes, attr::alpha, 0.01), output(op).type, {1});
        return emit(std::move(op), "opset1:PReLU", {slope});
      }
      case Kind::Round:
        return emit(std::move(op), "opset5:Round", {}, with({{"mode", std::string("half_to_even")}}));
      case Kind::Divide:
      case Kind::FloorDivide:
        return divide(std::move(op));
      case Kind::Reciprocal:
        return power(std::move(op), -1);
      case Kind::Softsign:
        return softsign(std::move(op));
      case Kind::HardSigmoid:
        return two_constants(std::move(op), "opset1:HardSigmoid", attr::alpha, attr::beta);
      case Kind::Selu:
        return two_constants(std::move(op), "opset1:Selu", attr::alpha, attr::gamma);
      case Kind::Gelu:
        if (!graph::get<bool>(op.attributes, attr::approximate)) return emit(std::move(op), "opset2:Gelu", {});
        return emit(std::move(op), "opset7:Gelu", {}, with({{"approximation_mode", std::string("TANH")}}));
      case Kind::BatchNormalization:
        return emit(std::move(op), "opset5:BatchNormInference");
      case Kind::ResizeNearest:
      case Kind::ResizeBilinear:
        return resize(std::move(op));
      case Kind::DepthToSpace:
      case Kind::SpaceToDepth: {
        const auto mode = graph::get<std::string>(op.attributes, attr::mode, "blocks_first");
        const std::int64_t block = graph::get<std::int64_t>(op.attributes, attr::block_size);
        return emit(op, op.kind == Kind::DepthToSpace ? "opset1:DepthToSpace" : "opset1:SpaceToDepth", {},
                    with({{attr::mode, mode}, {attr::block_size, block}}));
      }
      case Kind::Square:
        return emit(op, "opset1:Multiply", {op.inputs[0]}, with({{"auto_broadcast", std::string("numpy")}}));
      case Kind::Rsqrt:
        return power(std::move(op), -0.5);
      case Kind::IsNan:
        return emit(op, "opset1:NotEqual", {op.inputs[0]}, with({{"auto_broadcast", std::string("numpy")}}));
      case Kind::Softmax:
        if (graph::get<double>(op.attributes, attr::beta, 1) != 1) return refuse(op, "its beta is 1 there");
        return emit(op, "opset1:SoftMax", {}, with({{attr::axis, axis(op, -1)}}));
      case Kind::LogSoftmax:
        return emit(op, "opset5:LogSoftmax", {}, with({{attr::axis, axis(op, -1)}}));
      case Kind::Cast:
        return emit(op, "opset1:Convert", {}, with({{attr::to, std::string(element_type_name(output(op).type))}}));
      case Kind::Dequantize:
        if (input(op, 0).type != ElementType::Float16)
          return refuse(op, "quantisation is said by other operators there");
        return emit(op, "opset1:Convert", {}, with({{attr::to, std::string(element_type_name(output(op).type))}}));
      case Kind::Matmul:
        return matmul(std::move(op));
      case Kind::FullyConnected:
        return fully_connected(std::move(op));
      case Kind::Convolution:
      case Kind::DepthwiseConvolution:
        return convolution(std::move(op));
      case Kind::TransposedConvolution:
        return transposed_convolution(std::move(op));
      case Kind::AveragePool:
      case Kind::MaxPool:
        return pool(std::move(op));
      case Kind::Reshape:
      case Kind::Identity: {
        const int shape = i64(output(op).shape.dims);
        return emit(std::move(op), "opset1:Reshape", {shape}, with({{"special_zero", false}}));
      }
      case Kind::Squeeze:
      case Kind::Unsqueeze: {
        const int axes = i64(ints(op, attr::axes));
        return emit(op, op.kind == Kind::Squeeze ? "opset1:Squeeze" : "opset1:Unsqueeze", {axes});
      }
      case Kind::Transpose:
        return emit(op, "opset1:Transpose", {i64(ints(op, attr::permutation))});
      case Kind::Split: {
        const int along = i64(axis(op)), sizes = i64(ints(op, attr::sizes));
        return emit(std::move(op), "opset1:VariadicSplit", {along, sizes});
      }
      case Kind::Slice:
        return slice(std::move(op));
      case Kind::StridedSlice:
        return strided_slice(op, ints(op, attr::begin), ints(op, attr::end), ints(op, attr::strides),
                             ints(op, attr::squeeze));
      case Kind::Pad: {
        const int begin = i64(ints(op, attr::pads_begin)), end = i64(ints(op, attr::pads_end));
        const double value = graph::get<double>(op.attributes, attr::value);
        if (!graph::is_float(output(op).type) && value != 0) return refuse(op, "it pads whole numbers with zeros here");
        std::vector<int> lists = {begin, end};
        if (value != 0) lists.push_back(emitter_.real(value, output(op).type));
        return emit(op, "opset1:Pad", lists, with({{"pad_mode", std::string("constant")}}));
      }
      case Kind::MirrorPad: {
        const std::vector<int> lists = {i64(ints(op, attr::pads_begin)), i64(ints(op, attr::pads_end))};
        const auto mode = graph::get<std::string>(op.attributes, attr::mode);
        return emit(std::move(op), "opset1:Pad", lists, with({{"pad_mode", mode}}));
      }
      case Kind::Cumsum: {
        const int along = i64(axis(op));
        const bool exclusive = graph::get<bool>(op.attributes, attr::exclusive),
                   reverse = graph::get<bool>(op.attributes, attr::reverse);
        return emit(std::move(op), "opset3:CumSum", {along},
                    with({{attr::exclusive, exclusive}, {attr::reverse, reverse}}));
      }
      case Kind::LocalResponseNormalization: {
        const graph::Attributes attributes = op.attributes;
        return emit(std::move(op), "opset1:LRN", {i64(Ints{1})}, attributes);
      }
      case Kind::Swish: {
        const double beta = graph::get<double>(op.attributes, attr::beta, 1.0);
        if (beta == 1) return emit(std::move(op), "opset4:Swish", {});
        const int factor = emitter_.real(beta, output(op).type);
        return emit(std::move(op), "opset4:Swish", {factor});
      }
      case Kind::Tile:
        return emit(op, "opset1:Tile", {i64(ints(op, attr::repeats))});
      case Kind::Expand:
        return emit(op, "opset3:Broadcast", {i64(output(op).shape.dims)}, with({{"mode", std::string("numpy")}}));
      case Kind::Gather:
        return gather(std::move(op));
      case Kind::ReduceMean:
        return reduce(std::move(op), "opset1:ReduceMean");
      case Kind::ReduceSum:
        return reduce(std::move(op), "opset1:ReduceSum");
      case Kind::ReduceMax:
        return reduce(std::move(op), "opset1:ReduceMax");
      case Kind::ReduceMin:
        return reduce(std::move(op), "opset1:ReduceMin");
      case Kind::ReduceProd:
        return reduce(std::move(op), "opset1:ReduceProd");
      case Kind::ReduceAny:
        return reduce(std::move(op), "opset1:ReduceLogicalOr");
      case Kind::ReduceAll:
        return reduce(std::move(op), "opset1:ReduceLogicalAnd");
      case Kind::ReduceL1:
        return reduce(std::move(op), "opset4:ReduceL1");
      case Kind::ReduceL2:
        return reduce(std::move(op), "opset4:ReduceL2");
      case Kind::TopK:
        return top_k(op, "max", graph::get<std::int64_t>(op.attributes, attr::k));
      case Kind::ArgMax:
      case Kind::ArgMin:
        return arg(std::move(op));
      default:
        return refuse(op, "it has no such operator");
    }
  }

  // Whole numbers are divided as Python does unless the operator says otherwise; floats by two operators.
  base::Status divide(Operator op) {
    const bool floor = op.kind == Kind::FloorDivide, whole = !graph::is_float(output(op).type);
    graph::Attributes attributes = with({{"auto_broadcast", std::string("numpy")}});
    if (whole) attributes.emplace_back("m_pythondiv", floor);
    if (whole || !floor) return emit(std::move(op), "opset1:Divide", {}, std::move(attributes));
    Operator last{.kind = Kind::Floor, .name = op.name, .outputs = op.outputs};
    const int quotient = between(op, "/quotient");
    last.inputs = {quotient};
    EDGESCOPE_CHECK(emit(std::move(op), "opset1:Divide", {}, std::move(attributes)));
    return plain(std::move(last));
  }

  base::Status power(Operator op, double exponent) {
    const int constant = emitter_.real(exponent, output(op).type);
    return emit(std::move(op), "opset1:Power", {constant}, with({{"auto_broadcast", std::string("numpy")}}));
  }

  base::Status two_constants(Operator op, std::string_view name, std::string_view first, std::string_view second) {
    const ElementType type = output(op).type;
    const int a = emitter_.real(graph::get<double>(op.attributes, first), type),
              b = emitter_.real(graph::get<double>(op.attributes, second), type);
    return emit(std::move(op), name, {a, b});
  }

  // x / (1 + |x|): an operator of its own only since opset 9.
  base::Status softsign(Operator op) {
    const int x = op.inputs[0], result = op.outputs[0];
    const ElementType type = output(op).type;
    const Ints dims = output(op).shape.dims;
    const std::string name = output(op).name;
    const auto step = [&](Kind kind, std::vector<int> inputs, std::string_view suffix) -> base::Result<int> {
      const int made = suffix.empty() ? result : emitter_.result(type, dims, name + std::string(suffix));
      EDGESCOPE_CHECK(
          plain({.kind = kind, .name = emitter_.tensor(made).name, .inputs = std::move(inputs), .outputs = {made}}));
      return made;
    };
    EDGESCOPE_TRY(size, step(Kind::Abs, {x}, "/size"));
    EDGESCOPE_TRY(more, step(Kind::Add, {size, emitter_.real(1, type)}, "/more"));
    EDGESCOPE_CHECK(step(Kind::Divide, {x, more}, ""));
    return {};
  }

  base::Status matmul(Operator op) {
    const int bias = take_bias(op);
    return with_bias(op, bias, "opset1:MatMul",
                     with({{attr::transpose_a, graph::get<bool>(op.attributes, attr::transpose_a)},
                           {attr::transpose_b, graph::get<bool>(op.attributes, attr::transpose_b)}}));
  }

  // OpenVINO 2021 reads no infinite bound.
  base::Status clamp(Operator op, double low, double high) {
    if (std::isinf(low) || std::isinf(high)) {
      op.attributes.clear();
      op.kind = std::isinf(low) && std::isinf(high) ? Kind::Identity
                : std::isinf(low)                   ? Kind::Minimum
                : low == 0                          ? Kind::Relu
                                                    : Kind::Maximum;
      const double bound = std::isinf(low) ? high : low;
      if (op.kind == Kind::Minimum || op.kind == Kind::Maximum)
        op.inputs.push_back(emitter_.real(bound, output(op).type));
      return plain(std::move(op));
    }
    return emit(std::move(op), "opset1:Clamp", {}, with({{attr::min, low}, {attr::max, high}}));
  }

  // Two inputs, then the bias as an addition.
  base::Status with_bias(Operator op, int bias, std::string_view name, graph::Attributes attributes) {
    if (bias < 0) return emit(std::move(op), name, {}, std::move(attributes));
    const int sum = op.outputs[0];
    const int product = emitter_.result(output(op).type, output(op).shape.dims, output(op).name + "/product");
    Operator add{.kind = Kind::Add, .name = op.name, .inputs = {product, bias}, .outputs = {sum}};
    op.name = emitter_.tensor(product).name;
    op.outputs = {product};
    EDGESCOPE_CHECK(emit(std::move(op), name, {}, std::move(attributes)));
    return plain(std::move(add));
  }

  static int take_bias(Operator& op) {
    const int bias = op.inputs.size() > 2 ? op.inputs[2] : -1;
    op.inputs.resize(2);
    return bias;
  }

  base::Status fully_connected(Operator op) {
    const int bias = take_bias(op);
    op.kind = Kind::Matmul;
    if (!graph::get<bool>(op.attributes, attr::keep_dims, true)) {
      const std::int64_t in = input(op, 1).shape.dims[1], rows = output(op).shape.dims[0];
      const int data = emitter_.result(input(op, 0).type, {rows, in}, output(op).name + "/rows");
      EDGESCOPE_CHECK(plain(
          {.kind = Kind::Reshape, .name = emitter_.tensor(data).name, .inputs = {op.inputs[0]}, .outputs = {data}}));
      op.inputs[0] = data;
    }
    return with_bias(std::move(op), bias, "opset1:MatMul",
                     with({{attr::transpose_a, false}, {attr::transpose_b, true}}));
  }

  graph::Attributes window(const Operator& op, std::size_t spatial) const {
    const auto or_ones = [&](std::string_view name) {
      const Ints list = ints(op, name);
      return list.empty() ? Ints(spatial, 1) : list;
    };
    const auto or_zeros = [&](std::string_view name) {
      const Ints list = ints(op, name);
      return list.empty() ? Ints(spatial, 0) : list;
    };
    return with({{attr::strides, or_ones(attr::strides)},
                 {attr::dilations, or_ones(attr::dilations)},
                 {attr::pads_begin, or_zeros(attr::pads_begin)},
                 {attr::pads_end, or_zeros(attr::pads_end)},
                 {attr::padding, graph::get<std::string>(op.attributes, attr::padding, "valid")}});
  }

  base::Status convolution(Operator op) {
    const int bias = take_bias(op);
    const std::size_t spatial = rank(op) - 2;
    const std::int64_t channels = input(op, 0).shape.dims[1];
    const std::int64_t groups =
        op.kind == Kind::DepthwiseConvolution ? channels : graph::get<std::int64_t>(op.attributes, attr::groups, 1);
    graph::Attributes attributes = window(op, spatial);
    int shaped = bias;
    if (bias >= 0) {
      Ints dims(rank(op), 1);
      dims[1] = output(op).shape.dims[1];
      shaped = reshaped_constant(bias, dims);
      if (shaped < 0) return refuse(op, "its bias is a constant there");
    }
    const bool grouped = input(op, 1).shape.dims.size() > rank(op);
    if (grouped) return with_bias(std::move(op), shaped, "opset1:GroupConvolution", std::move(attributes));
    if (groups == 1) return with_bias(std::move(op), shaped, "opset1:Convolution", std::move(attributes));
    Ints dims = input(op, 1).shape.dims;
    dims[0] /= groups;
    dims.insert(dims.begin(), groups);
    const int weights = reshaped_constant(op.inputs[1], dims);
    if (weights < 0) return refuse(op, "its weights are a constant there");
    op.inputs[1] = weights;
    return with_bias(std::move(op), shaped, "opset1:GroupConvolution", std::move(attributes));
  }

  base::Status transposed_convolution(Operator op) {
    const int bias = take_bias(op);
    const std::size_t spatial = rank(op) - 2;
    std::erase_if(op.attributes, [](const auto& a) { return a.first == attr::padding; });
    op.attributes.emplace_back(std::string(attr::padding), std::string("explicit"));
    graph::Attributes attributes = window(op, spatial);
    Ints more = ints(op, attr::output_padding);
    more.resize(spatial, 0);
    attributes.emplace_back(attr::output_padding, std::move(more));
    int shaped = bias;
    if (bias >= 0) {
      Ints dims(rank(op), 1);
      dims[1] = output(op).shape.dims[1];
      shaped = reshaped_constant(bias, dims);
      if (shaped < 0) return refuse(op, "its bias is a constant there");
    }
    Ints dims = input(op, 1).shape.dims;
    const std::int64_t groups = graph::get<std::int64_t>(op.attributes, attr::groups, 1);
    if (groups != 1 && dims.size() == rank(op)) {
      dims[0] /= groups;
      dims.insert(dims.begin(), groups);
      const int weights = reshaped_constant(op.inputs[1], dims);
      if (weights < 0) return refuse(op, "its weights are a constant there");
      op.inputs[1] = weights;
    }
    const bool grouped = dims.size() > rank(op);
    return with_bias(std::move(op), shaped,
                     grouped ? "opset1:GroupConvolutionBackpropData" : "opset1:ConvolutionBackpropData",
                     std::move(attributes));
  }

  // The same data under another shape; -1 where it is no constant.
  int reshaped_constant(int tensor, Ints dims) {
    graph::Tensor copy = emitter_.tensor(tensor);
    if (!copy.constant) return -1;
    copy.shape.dims = std::move(dims);
    copy.name += "/shaped";
    return emitter_.add(std::move(copy));
  }

  base::Status pool(Operator op) {
    graph::Attributes attributes = window(op, rank(op) - 2);
    std::erase_if(attributes, [](const auto& a) { return a.first == attr::dilations; });
    attributes.emplace_back(attr::kernel, ints(op, attr::kernel));
    attributes.emplace_back("rounding_type", std::string("floor"));
    if (op.kind == Kind::MaxPool) return emit(std::move(op), "opset1:MaxPool", {}, std::move(attributes));
    attributes.emplace_back("exclude-pad", !graph::get<bool>(op.attributes, attr::include_pad));
    return emit(std::move(op), "opset1:AvgPool", {}, std::move(attributes));
  }

  // Nearest is what the pixel's place is rounded down to, or in the middle of pixels and at corners the next one.
  base::Status resize(Operator op) {
    const Ints sizes = ints(op, attr::sizes), dims = input(op, 0).shape.dims;
    const bool corners = graph::get<bool>(op.attributes, attr::align_corners),
               centers = graph::get<bool>(op.attributes, attr::half_pixel_centers);
    std::vector<float> scales;
    Ints axes;
    for (std::size_t i = 0; i < sizes.size(); ++i) {
      axes.push_back(static_cast<std::int64_t>(i) + 2);
      scales.push_back(static_cast<float>(sizes[i]) / static_cast<float>(dims[i + 2]));
    }
    const bool nearest = op.kind == Kind::ResizeNearest;
    const std::vector<int> lists = {
        i64(sizes), emitter_.constant(ElementType::Float32, {static_cast<std::int64_t>(scales.size())}, scales),
        i64(axes)};
    op.kind = Kind::Resize;
    return emit(std::move(op), "opset4:Interpolate", lists,
                with({{"mode", std::string(nearest ? "nearest" : "linear_onnx")},
                      {"shape_calculation_mode", std::string("sizes")},
                      {"coordinate_transformation_mode", std::string(corners   ? "align_corners"
                                                                     : centers ? "half_pixel"
                                                                               : "asymmetric")},
                      {"nearest_mode", std::string(corners || centers ? "round_prefer_ceil" : "floor")},
                      {"antialias", false},
                      {attr::pads_begin, Ints(dims.size(), 0)},
                      {attr::pads_end, Ints(dims.size(), 0)},
                      {"cube_coeff", -0.75}}));
  }

  base::Status slice(Operator op) {
    const Ints begin = ints(op, attr::begin), sizes = ints(op, attr::sizes);
    Ints end;
    for (std::size_t i = 0; i < begin.size(); ++i) end.push_back(begin[i] + sizes[i]);
    return strided_slice(std::move(op), begin, end, Ints(begin.size(), 1));
  }

  base::Status strided_slice(Operator op, const Ints& begin, const Ints& end, const Ints& strides,
                             const Ints& squeezed = {}) {
    const Ints zeros(begin.size(), 0);
    Ints shrink = zeros;
    for (std::int64_t each : squeezed) shrink[static_cast<std::size_t>(each)] = 1;
    const std::vector<int> inputs = {i64(begin), i64(end), i64(strides)};
    return emit(std::move(op), "opset1:StridedSlice", inputs,
                with({{"begin_mask", zeros},
                      {"end_mask", zeros},
                      {"new_axis_mask", zeros},
                      {"shrink_axis_mask", shrink},
                      {"ellipsis_mask", zeros}}));
  }

  base::Status gather(Operator op) {
    const std::int64_t batch = graph::get<std::int64_t>(op.attributes, attr::batch_dims);
    const int along = i64(axis(op));
    if (graph::get<bool>(op.attributes, attr::negative_indices))
      return emit(std::move(op), "opset8:Gather", {along}, with({{attr::batch_dims, batch}}));
    if (batch == 0) return emit(std::move(op), "opset1:Gather", {along});
    return emit(std::move(op), "opset7:Gather", {along}, with({{attr::batch_dims, batch}}));
  }

  base::Status reduce(Operator op, std::string_view name) {
    const int axes = i64(ints(op, attr::axes));
    const bool keep = graph::get<bool>(op.attributes, attr::keep_dims);
    return emit(std::move(op), name, {axes}, with({{attr::keep_dims, keep}}));
  }

  base::Status top_k(Operator op, std::string mode, std::int64_t k) {
    const int count = i64(k);
    const std::string type(element_type_name(emitter_.tensor(op.outputs[1]).type));
    const std::int64_t along = axis(op);
    return emit(std::move(op), "opset3:TopK", {count},
                with({{attr::axis, along},
                      {"mode", std::move(mode)},
                      {"sort", std::string("value")},
                      {"index_element_type", type}}));
  }

  base::Status arg(Operator op) {
    const bool keep = graph::get<bool>(op.attributes, attr::keep_dims);
    const std::string mode = op.kind == Kind::ArgMax ? "max" : "min";
    Ints dims = input(op, 0).shape.dims;
    const std::int64_t along = axis(op);
    dims[static_cast<std::size_t>(along)] = 1;
    const int result = op.outputs[0];
    const std::string name = output(op).name;
    const int values = emitter_.result(input(op, 0).type, dims, name + "/values");
    const int indices = keep ? result : emitter_.result(output(op).type, dims, name + "/indices");
    op.outputs = {values, indices};
    const Operator squeeze{.kind = Kind::Squeeze,
                           .name = op.name,
                           .inputs = {indices},
                           .outputs = {result},
                           .attributes = with({{attr::axes, Ints{along}}})};
    if (!keep) op.name += "/top";
    EDGESCOPE_CHECK(top_k(std::move(op), mode, 1));
    return keep ? base::Status{} : plain(squeeze);
  }
};

}  // namespace

base::Status lower(graph::Model& model) {
  for (graph::Subgraph& each : model.subgraphs) EDGESCOPE_CHECK(Lowering(model, each).run());
  return {};
}

}  // namespace edgescope::format::openvino
