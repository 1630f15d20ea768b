#include "format/onnx/lower.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "format/onnx/same_operator.h"
#include "graph/canonical.h"
#include "graph/lowering.h"
#include "graph/unique_names.h"

namespace edgescope::format::onnx {
namespace {

namespace attr = graph::attr;
using graph::ElementType;
using graph::Kind;
using graph::Operator;
using Ints = std::vector<std::int64_t>;

constexpr double kInfinity = std::numeric_limits<double>::infinity();

class Lowering : graph::Lowering {
 public:
  Lowering(graph::Model& model, graph::Subgraph& graph, int opset) : graph::Lowering(model, graph), opset_(opset) {}

  base::Status run() {
    EDGESCOPE_TRY(changed, emitter_.replace_canonical([this](Operator op) { return lower(std::move(op)); }));
    if (changed) graph::unique_names(graph_);
    return {};
  }

 private:
  base::Status refuse(const Operator& op, std::string_view why) const {
    return base::fail(
        {.what = fmt::format("{} cannot be written as ONNX of opset {}: {}", graph::kind_name(op.kind), opset_, why),
         .node = op.name});
  }

  int i64(const Ints& values) { return emitter_.ints(values, ElementType::Int64); }
  base::Status emit(Operator op, std::string_view name) {
    op.source_kind = name;
    op.version = opset_;
    emitter_.emit(std::move(op));
    return {};
  }
  base::Status emit(Operator op, std::string_view name, const std::vector<int>& more,
                    graph::Attributes attributes = {}) {
    op.inputs.insert(op.inputs.end(), more.begin(), more.end());
    op.attributes = std::move(attributes);
    return emit(std::move(op), name);
  }

  // An operator whose result feeds the one that takes the place of `op`.
  base::Result<int> before(Kind kind, std::string_view name, std::vector<int> inputs, ElementType type, Ints dims,
                           const std::string& called, graph::Attributes attributes = {}) {
    const int result = emitter_.result(type, std::move(dims), called);
    EDGESCOPE_CHECK(emit({.kind = kind,
                          .name = called,
                          .inputs = std::move(inputs),
                          .outputs = {result},
                          .attributes = std::move(attributes)},
                         name));
    return result;
  }

  // The result of `op` becomes one before `kind`, which makes what `op` made.
  base::Status then(Operator op, Kind kind, std::string_view suffix, std::vector<int> more = {}) {
    Operator last{.kind = kind, .name = op.name, .outputs = {op.outputs[0]}};
    last.inputs = {between(op, suffix)};
    last.inputs.insert(last.inputs.end(), more.begin(), more.end());
    EDGESCOPE_CHECK(lower(std::move(op)));
    return lower(std::move(last));
  }

  base::Status lower(Operator op) {
    if (opset_ < kOldest) return refuse(op, "operators are added to models of opset 7 or later");
    const auto fused = graph::get<std::string>(op.attributes, attr::activation, "none");
    std::erase_if(op.attributes, [](const auto& a) { return a.first == attr::activation; });
    if (fused != "none") {
      const auto kind = graph::kind_from_name(fused);
      if (!kind) return refuse(op, fmt::format("its activation `{}` is not known", fused));
      return then(std::move(op), *kind, "/linear");
    }
    const SameOperator* same = same_operator(op.kind);
    if (same && opset_ >= same->since) return emit(std::move(op), same->name);
    switch (op.kind) {
      case Kind::LessEqual:
        return or_equal(std::move(op), Kind::Less);
      case Kind::GreaterEqual:
        return or_equal(std::move(op), Kind::Greater);
      case Kind::NotEqual: {
        op.kind = Kind::Equal;
        return then(std::move(op), Kind::LogicalNot, "/equal");
      }
      case Kind::Relu6:
        return clip(std::move(op), 0, 6);
      case Kind::ReluN1To1:
        return clip(std::move(op), -1, 1);
      case Kind::Relu0To1:
        return clip(std::move(op), 0, 1);
      case Kind::Clamp: {
        const double low = graph::get<double>(op.attributes, attr::min, -kInfinity);
        const double high = graph::get<double>(op.attributes, attr::max, kInfinity);
        return clip(std::move(op), low, high);
      }
      case Kind::Square:
        return emit(op, "Mul", {op.inputs[0]});
      case Kind::SquaredDifference: {
        op.kind = Kind::Subtract;
        return then(std::move(op), Kind::Square, "/difference");
      }
      case Kind::Rsqrt: {
        EDGESCOPE_TRY(root, before(Kind::Sqrt, "Sqrt", op.inputs, output(op).type, output(op).shape.dims,
                                   output(op).name + "/root"));
        op.inputs = {root};
        return emit(std::move(op), "Reciprocal");
      }
      case Kind::Gelu:
        return gelu(std::move(op));
      case Kind::Modulo:
        if (opset_ < 10) return refuse(op, "it is there since opset 10");
        return emit(std::move(op), "Mod", {}, with({{"fmod", std::int64_t{1}}}));
      case Kind::FloorDivide: {
        if (!graph::is_float(output(op).type)) return refuse(op, "whole numbers are divided towards zero there");
        op.kind = Kind::Divide;
        return then(std::move(op), Kind::Floor, "/quotient");
      }
      case Kind::DepthToSpace: {
        const bool depth_first = graph::get<std::string>(op.attributes, attr::mode) == "depth_first";
        const std::int64_t block = graph::get<std::int64_t>(op.attributes, attr::block_size);
        if (opset_ < 11 && !depth_first)
          return emit(std::move(op), "DepthToSpace", {}, with({{attr::block_size, block}}));
        if (opset_ < 11) return refuse(op, "blocks come before channels there");
        return emit(std::move(op), "DepthToSpace", {},
                    with({{attr::block_size, block}, {attr::mode, std::string(depth_first ? "CRD" : "DCR")}}));
      }
      case Kind::ResizeNearest:
      case Kind::ResizeBilinear:
        return resize(std::move(op));
      case Kind::SpaceToDepth: {
        if (graph::get<std::string>(op.attributes, attr::mode) == "depth_first")
          return refuse(op, "blocks come before channels there");
        const std::int64_t block = graph::get<std::int64_t>(op.attributes, attr::block_size);
        return emit(std::move(op), "SpaceToDepth", {}, with({{attr::block_size, block}}));
      }
      case Kind::FloorMod:
        if (opset_ < 10) return refuse(op, "it is there since opset 10");
        if (graph::is_float(output(op).type))
          return refuse(op, "its sign is that of the divisor for whole numbers only there");
        return emit(std::move(op), "Mod");
      case Kind::Softmax:
      case Kind::LogSoftmax:
        if (graph::get<double>(op.attributes, attr::beta, 1) != 1) return refuse(op, "its beta is 1 there");
        if (opset_ < 13 && axis(op, -1) + 1 != static_cast<std::int64_t>(rank(op)))
          return refuse(op, "it runs over all dimensions from the axis on there");
        return emit(op, op.kind == Kind::Softmax ? "Softmax" : "LogSoftmax", {}, with({{attr::axis, axis(op, -1)}}));
      case Kind::FullyConnected:
        return fully_connected(std::move(op));
      case Kind::Matmul:
        return matmul(std::move(op));
      case Kind::Convolution:
      case Kind::DepthwiseConvolution:
        return convolution(std::move(op));
      case Kind::TransposedConvolution:
        return transposed_convolution(std::move(op));
      case Kind::AveragePool:
      case Kind::MaxPool: {
        graph::Attributes attributes = window(op, ints(op, attr::kernel));
        if (graph::get<bool>(op.attributes, attr::include_pad))
          attributes.emplace_back("count_include_pad", std::int64_t{1});
        return emit(op, op.kind == Kind::MaxPool ? "MaxPool" : "AveragePool", {}, std::move(attributes));
      }
      case Kind::Reshape:
        return emit(op, "Reshape", {i64(output(op).shape.dims)});
      case Kind::Squeeze:
        return with_axes(std::move(op), "Squeeze", attr::axes, 13);
      case Kind::Unsqueeze:
        return with_axes(std::move(op), "Unsqueeze", attr::axes, 13);
      case Kind::Split: {
        const Ints sizes = ints(op, attr::sizes);
        const std::int64_t along = axis(op);
        if (opset_ < 13) return emit(std::move(op), "Split", {}, with({{attr::axis, along}, {"split", sizes}}));
        return emit(op, "Split", {i64(sizes)}, with({{attr::axis, along}}));
      }
      case Kind::Slice: {
        const Ints begin = ints(op, attr::begin), sizes = ints(op, attr::sizes);
        Ints end;
        for (std::size_t i = 0; i < begin.size(); ++i) end.push_back(begin[i] + sizes[i]);
        return slice(std::move(op), begin, end, Ints(begin.size(), 1));
      }
      case Kind::StridedSlice:
        return strided_slice(std::move(op));
      case Kind::Pad: {
        Ints pads = ints(op, attr::pads_begin);
        const Ints end = ints(op, attr::pads_end);
        pads.insert(pads.end(), end.begin(), end.end());
        const double value = graph::get<double>(op.attributes, attr::value);
        if (opset_ < 11) {
          const Ints begin = ints(op, attr::pads_begin);
          return emit(std::move(op), "Pad", {},
                      with({{attr::pads_begin, begin}, {attr::pads_end, end}, {attr::value, value}}));
        }
        if (value == 0) return emit(op, "Pad", {i64(pads)});
        if (!graph::is_float(output(op).type)) return refuse(op, "it pads whole numbers with zeros here");
        const int list = i64(pads), filling = emitter_.real(value, output(op).type);
        return emit(std::move(op), "Pad", {list, filling});
      }
      case Kind::MirrorPad: {
        if (graph::get<std::string>(op.attributes, attr::mode) != "reflect")
          return refuse(op, "borders are not repeated there");
        Ints pads = ints(op, attr::pads_begin);
        const Ints end = ints(op, attr::pads_end);
        pads.insert(pads.end(), end.begin(), end.end());
        if (opset_ < 11) return refuse(op, "it is there since opset 11");
        return emit(op, "Pad", {i64(pads)}, with({{attr::mode, std::string("reflect")}}));
      }
      case Kind::Cumsum: {
        if (opset_ < 11) return refuse(op, "it is there since opset 11");
        const auto flag = [&op](std::string_view name) { return std::int64_t{graph::get<bool>(op.attributes, name)}; };
        return emit(op, "CumSum", {emitter_.ints({axis(op)}, ElementType::Int64, true)},
                    with({{attr::exclusive, flag(attr::exclusive)}, {attr::reverse, flag(attr::reverse)}}));
      }
      case Kind::LocalResponseNormalization: {
        const graph::Attributes attributes = op.attributes;
        return emit(std::move(op), "LRN", {}, attributes);
      }
      case Kind::Tile:
        return emit(op, "Tile", {i64(ints(op, attr::repeats))});
      case Kind::Expand:
        if (opset_ < 8) return refuse(op, "it is there since opset 8");
        return emit(op, "Expand", {i64(output(op).shape.dims)});
      case Kind::Gather:
        return gather(std::move(op));
      case Kind::ReduceSum:
        return reduce(std::move(op), "ReduceSum", 13);
      case Kind::ReduceMean:
        return reduce(std::move(op), "ReduceMean", 18);
      case Kind::ReduceMax:
        return reduce(std::move(op), "ReduceMax", 18);
      case Kind::ReduceMin:
        return reduce(std::move(op), "ReduceMin", 18);
      case Kind::ReduceProd:
        return reduce(std::move(op), "ReduceProd", 18);
      case Kind::ReduceL1:
        return reduce(std::move(op), "ReduceL1", 18);
      case Kind::ReduceL2:
        return reduce(std::move(op), "ReduceL2", 18);
      case Kind::TopK: {
        const std::int64_t count = graph::get<std::int64_t>(op.attributes, attr::k), along = axis(op);
        if (opset_ < 10)
          return wide_indices(std::move(op), "TopK", 1, {}, with({{attr::axis, along}, {attr::k, count}}));
        const int k = i64({count});
        return wide_indices(std::move(op), "TopK", 1, {k}, with({{attr::axis, along}}));
      }
      case Kind::ArgMax:
      case Kind::ArgMin: {
        const auto attributes =
            with({{attr::axis, axis(op)}, {attr::keep_dims, graph::get<bool>(op.attributes, attr::keep_dims)}});
        return wide_indices(op, op.kind == Kind::ArgMax ? "ArgMax" : "ArgMin", 0, {}, attributes);
      }
      case Kind::Quantize:
      case Kind::Dequantize:
        return quantize(std::move(op));
      default:
        return refuse(op, same ? fmt::format("it is there since opset {}", same->since) : "it has no such operator");
    }
  }

  // Less or equal is not the opposite of greater where one is NaN.
  base::Status or_equal(Operator op, Kind strict) {
    const Ints dims = output(op).shape.dims;
    const std::string name = output(op).name;
    EDGESCOPE_TRY(less, before(strict, strict == Kind::Less ? "Less" : "Greater", op.inputs, ElementType::Bool, dims,
                               name + "/strict"));
    EDGESCOPE_TRY(equal, before(Kind::Equal, "Equal", op.inputs, ElementType::Bool, dims, name + "/equal"));
    op.inputs = {less, equal};
    op.kind = Kind::LogicalOr;
    return emit(std::move(op), "Or");
  }

  base::Status clip(Operator op, double low, double high) {
    const ElementType type = output(op).type;
    op.kind = Kind::Clamp;
    if (opset_ < 11) {
      graph::Attributes bounds;
      if (!std::isinf(low)) bounds.emplace_back(attr::min, low);
      if (!std::isinf(high)) bounds.emplace_back(attr::max, high);
      return emit(std::move(op), "Clip", {}, std::move(bounds));
    }
    const int min = std::isinf(low) ? -1 : emitter_.real(low, type),
              max = std::isinf(high) ? -1 : emitter_.real(high, type);
    return emit(std::move(op), "Clip", max < 0 ? std::vector{min} : std::vector{min, max});
  }

  base::Result<int> transposed(int matrix, const std::string& name) {
    Ints dims = emitter_.tensor(matrix).shape.dims, order(dims.size());
    for (std::size_t i = 0; i < order.size(); ++i) order[i] = static_cast<std::int64_t>(i);
    std::swap(dims[dims.size() - 1], dims[dims.size() - 2]);
    std::swap(order[order.size() - 1], order[order.size() - 2]);
    return before(Kind::Transpose, "Transpose", {matrix}, emitter_.tensor(matrix).type, dims, name,
                  with({{attr::permutation, order}}));
  }

  // Nearest is what the pixel's place is rounded down to, or in the middle of pixels and at corners the next one.
  base::Status resize(Operator op) {
    if (opset_ < 11) return refuse(op, "its pixels begin at their corners there");
    const bool corners = graph::get<bool>(op.attributes, attr::align_corners),
               centers = graph::get<bool>(op.attributes, attr::half_pixel_centers),
               nearest = op.kind == Kind::ResizeNearest;
    // Inputs that could not be left out before opset 13 are empty.
    const int none = opset_ < 13 ? emitter_.constant(ElementType::Float32, {0}, std::vector<float>{}) : -1;
    const std::vector<int> lists = {none, none, i64(output(op).shape.dims)};
    op.kind = Kind::Resize;
    return emit(std::move(op), "Resize", lists,
                with({{"mode", std::string(nearest ? "nearest" : "linear")},
                      {"coordinate_transformation_mode", std::string(corners   ? "align_corners"
                                                                     : centers ? "half_pixel"
                                                                               : "asymmetric")},
                      {"nearest_mode", std::string(corners || centers ? "round_prefer_ceil" : "floor")}}));
  }

  // x / 2 * (1 + erf(x / sqrt(2))): an operator of its own only since opset 20.
  base::Status gelu(Operator op) {
    if (graph::get<bool>(op.attributes, attr::approximate)) return refuse(op, "it is there since opset 20");
    const int x = op.inputs[0];
    const ElementType type = output(op).type;
    const Ints dims = output(op).shape.dims;
    const std::string name = output(op).name;
    EDGESCOPE_TRY(scaled, before(Kind::Multiply, "Mul", {x, emitter_.real(1 / std::sqrt(2.0), type)}, type, dims,
                                 name + "/scaled"));
    EDGESCOPE_TRY(erf, before(Kind::Erf, "Erf", {scaled}, type, dims, name + "/erf"));
    EDGESCOPE_TRY(more, before(Kind::Add, "Add", {erf, emitter_.real(1, type)}, type, dims, name + "/more"));
    EDGESCOPE_TRY(half, before(Kind::Multiply, "Mul", {x, emitter_.real(0.5, type)}, type, dims, name + "/half"));
    op.kind = Kind::Multiply;
    op.inputs = {half, more};
    return emit(std::move(op), "Mul", {});
  }

  base::Status strided_slice(Operator op) {
    const Ints begin = ints(op, attr::begin), end = ints(op, attr::end), strides = ints(op, attr::strides),
               gone = ints(op, attr::squeeze);
    if (gone.empty()) return slice(std::move(op), begin, end, strides);
    Ints dims = output(op).shape.dims;
    for (std::int64_t each : gone) dims.insert(dims.begin() + static_cast<std::ptrdiff_t>(each), 1);
    const int whole = emitter_.result(output(op).type, dims, output(op).name + "/slice");
    const Operator squeeze{.kind = Kind::Squeeze,
                           .name = op.name,
                           .inputs = {whole},
                           .outputs = op.outputs,
                           .attributes = with({{attr::axes, gone}})};
    op.outputs = {whole};
    op.name = emitter_.tensor(whole).name;
    EDGESCOPE_CHECK(slice(std::move(op), begin, end, strides));
    return lower(squeeze);
  }

  base::Status fully_connected(Operator op) {
    if (!graph::get<bool>(op.attributes, attr::keep_dims, true)) {
      const Ints rows = {output(op).shape.dims[0], input(op, 1).shape.dims[1]};
      EDGESCOPE_TRY(flat, before(Kind::Reshape, "Reshape", {op.inputs[0], i64(rows)}, input(op, 0).type, rows,
                                 output(op).name + "/rows"));
      op.inputs[0] = flat;
    }
    const bool gemm = opset_ >= 11 || op.inputs.size() > 2;  // a bias it had to have before
    if (rank(op) == 2 && gemm) return emit(std::move(op), "Gemm", {}, with({{attr::transpose_b, true}}));
    const int bias = op.inputs.size() > 2 ? op.inputs[2] : -1;
    EDGESCOPE_TRY(weights, transposed(op.inputs[1], output(op).name + "/weights"));
    op.inputs = {op.inputs[0], weights};
    op.kind = Kind::Matmul;
    return bias < 0 ? lower(std::move(op)) : then(std::move(op), Kind::Add, "/product", {bias});
  }

  base::Status matmul(Operator op) {
    const int bias = op.inputs.size() > 2 ? op.inputs[2] : -1;
    const bool a = graph::get<bool>(op.attributes, attr::transpose_a),
               b = graph::get<bool>(op.attributes, attr::transpose_b);
    if (rank(op) == 2 && input(op, 1).shape.dims.size() == 2 && graph::is_float(output(op).type) &&
        (bias >= 0 || (opset_ >= 11 && (a || b))))
      return emit(std::move(op), "Gemm", {}, with({{attr::transpose_a, a}, {attr::transpose_b, b}}));
    op.inputs.resize(2);
    if (bias >= 0) return then(std::move(op), Kind::Add, "/product", {bias});
    for (std::size_t i = 0; i < 2; ++i)
      if (graph::get<bool>(op.attributes, i == 0 ? attr::transpose_a : attr::transpose_b)) {
        EDGESCOPE_TRY(turned, transposed(op.inputs[i], output(op).name + (i == 0 ? "/a" : "/b")));
        op.inputs[i] = turned;
      }
    return emit(std::move(op), "MatMul", {});
  }

  graph::Attributes window(const Operator& op, Ints kernel) const {
    const auto or_all = [&](std::string_view name, std::int64_t value) {
      const Ints list = ints(op, name);
      return list.empty() ? Ints(kernel.size(), value) : list;
    };
    graph::Attributes attributes = with({{attr::kernel, kernel}, {attr::strides, or_all(attr::strides, 1)}});
    if (op.kind != Kind::AveragePool) attributes.emplace_back(attr::dilations, or_all(attr::dilations, 1));
    const auto padding = graph::get<std::string>(op.attributes, attr::padding, "valid");
    if (padding == "same" || padding == "same_lower") {
      attributes.emplace_back(attr::padding, padding);
    } else {
      attributes.emplace_back(attr::pads_begin, or_all(attr::pads_begin, 0));
      attributes.emplace_back(attr::pads_end, or_all(attr::pads_end, 0));
    }
    return attributes;
  }

  base::Status convolution(Operator op) {
    Ints weights = input(op, 1).shape.dims;
    std::int64_t groups = graph::get<std::int64_t>(op.attributes, attr::groups, 1);
    if (op.kind == Kind::DepthwiseConvolution) groups = input(op, 0).shape.dims[1];
    if (weights.size() > rank(op)) {  // the groups before
      groups = weights[0];
      weights[1] *= groups;
      weights.erase(weights.begin());
      EDGESCOPE_TRY(flat, shaped(op.inputs[1], weights, output(op).name + "/weights"));
      op.inputs[1] = flat;
    }
    graph::Attributes attributes = window(op, Ints(weights.begin() + 2, weights.end()));
    attributes.emplace_back(attr::groups, groups);
    return emit(std::move(op), "Conv", {}, std::move(attributes));
  }

  base::Status transposed_convolution(Operator op) {
    Ints weights = input(op, 1).shape.dims;
    std::int64_t groups = graph::get<std::int64_t>(op.attributes, attr::groups, 1);
    if (weights.size() > rank(op)) {  // the groups before
      groups = weights[0];
      weights[1] *= groups;
      weights.erase(weights.begin());
      EDGESCOPE_TRY(flat, shaped(op.inputs[1], weights, output(op).name + "/weights"));
      op.inputs[1] = flat;
    }
    Ints more = ints(op, attr::output_padding);
    more.resize(weights.size() - 2, 0);
    std::erase_if(op.attributes, [](const auto& a) { return a.first == attr::padding; });
    graph::Attributes attributes = window(op, Ints(weights.begin() + 2, weights.end()));
    attributes.emplace_back(attr::output_padding, std::move(more));
    attributes.emplace_back(attr::groups, groups);
    return emit(std::move(op), "ConvTranspose", {}, std::move(attributes));
  }

  // The same elements under another shape: at once where they are a constant.
  base::Result<int> shaped(int tensor, const Ints& dims, const std::string& name) {
    if (!emitter_.tensor(tensor).constant)
      return before(Kind::Reshape, "Reshape", {tensor, i64(dims)}, emitter_.tensor(tensor).type, dims, name);
    graph::Tensor copy = emitter_.tensor(tensor);
    copy.shape.dims = dims;
    copy.name = name;
    return emitter_.add(std::move(copy));
  }

  base::Status with_axes(Operator op, std::string_view name, std::string_view attribute, int as_input_since) {
    const Ints axes = ints(op, attribute);
    if (opset_ < as_input_since) return emit(std::move(op), name, {}, with({{attr::axes, axes}}));
    return emit(op, name, {i64(axes)});
  }

  base::Status reduce(Operator op, std::string_view name, int as_input_since) {
    const Ints axes = ints(op, attr::axes);
    const bool keep = graph::get<bool>(op.attributes, attr::keep_dims);
    if (opset_ < as_input_since)
      return emit(std::move(op), name, {}, with({{attr::axes, axes}, {attr::keep_dims, keep}}));
    return emit(op, name, {i64(axes)}, with({{attr::keep_dims, keep}}));
  }

  base::Status slice(Operator op, const Ints& begin, const Ints& end, const Ints& strides) {
    Ints axes(begin.size());
    for (std::size_t i = 0; i < axes.size(); ++i) axes[i] = static_cast<std::int64_t>(i);
    if (opset_ < 10) {
      if (std::any_of(strides.begin(), strides.end(), [](auto s) { return s != 1; }))
        return refuse(op, "it has no strides there");
      return emit(std::move(op), "Slice", {}, with({{"starts", begin}, {"ends", end}, {attr::axes, axes}}));
    }
    const std::vector<int> lists = {i64(begin), i64(end), i64(axes), i64(strides)};
    return emit(std::move(op), "Slice", lists);
  }

  // Along the last dimension, one list a row, gathering elements is the same.
  base::Status gather(Operator op) {
    const std::int64_t along = axis(op), batch = graph::get<std::int64_t>(op.attributes, attr::batch_dims);
    if (opset_ < 11 && graph::get<bool>(op.attributes, attr::negative_indices))
      return refuse(op, "indices count from the front there");
    if (batch == 0) return emit(std::move(op), "Gather", {}, with({{attr::axis, along}}));
    if (along != batch || rank(op) != static_cast<std::size_t>(batch) + 1 || input(op, 1).shape.dims.size() != rank(op))
      return refuse(op, "it has batches along the last dimension only there");
    op.kind = Kind::GatherElements;
    return emit(std::move(op), "GatherElements", {}, with({{attr::axis, along}}));
  }

  // Indices are i64 there.
  base::Status wide_indices(Operator op, std::string_view name, std::size_t which, const std::vector<int>& more,
                            graph::Attributes attributes) {
    const int result = op.outputs[which];
    const ElementType wanted = emitter_.tensor(result).type;
    if (wanted == ElementType::Int64) return emit(std::move(op), name, more, std::move(attributes));
    const Ints dims = emitter_.tensor(result).shape.dims;
    const int wide = emitter_.result(ElementType::Int64, dims, emitter_.tensor(result).name + "/wide");
    Operator cast{.kind = Kind::Cast,
                  .name = op.name + "/narrow",
                  .inputs = {wide},
                  .outputs = {result},
                  .attributes = with({{attr::to, std::string(element_type_name(wanted))}})};
    op.outputs[which] = wide;
    EDGESCOPE_CHECK(emit(std::move(op), name, more, std::move(attributes)));
    return lower(std::move(cast));
  }

  base::Status quantize(Operator op) {
    const bool to = op.kind == Kind::Quantize;
    const graph::Tensor& quantized = to ? output(op) : input(op, 0);
    if (quantized.type == ElementType::Float16) return emit(op, "Cast", {}, with({{attr::to, std::string("f32")}}));
    if (quantized.quantization == nullptr || quantized.quantization->scales.empty() ||
        quantized.quantization->per_channel())
      return refuse(op, "its tensor has one scale and zero point here");
    const float scale = quantized.quantization->scales[0];
    const std::int64_t zero = quantized.quantization->zero_points.empty() ? 0 : quantized.quantization->zero_points[0];
    const ElementType type = quantized.type;
    if (type != ElementType::Int8 && type != ElementType::UInt8) return refuse(op, "it is for i8 and u8");
    const int scales = emitter_.real(scale, ElementType::Float32);
    const int zeros = emitter_.constant(type, {}, std::vector{static_cast<std::uint8_t>(zero)});
    return emit(std::move(op), to ? "QuantizeLinear" : "DequantizeLinear", {scales, zeros});
  }

  int opset_;
};

}  // namespace

base::Status lower(graph::Model& model, int opset) {
  for (graph::Subgraph& each : model.subgraphs) EDGESCOPE_CHECK(Lowering(model, each, opset).run());
  return {};
}

}  // namespace edgescope::format::onnx
