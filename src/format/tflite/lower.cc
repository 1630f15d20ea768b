#include "format/tflite/lower.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "graph/canonical.h"
#include "graph/lowering.h"

namespace edgescope::format::tflite {
namespace {

namespace attr = graph::attr;
using graph::ElementType;
using graph::Kind;
using graph::Operator;
using Ints = std::vector<std::int64_t>;

constexpr double kInfinity = std::numeric_limits<double>::infinity();

// The first builtin operator of a kind; empty where there is none. StableHLO's operators are not builtin kernels.
std::string_view builtin(Kind kind) {
  std::string_view names = graph::kind_table()[static_cast<std::size_t>(kind) - 1].tflite;
  names = names.substr(0, names.find(' '));
  return names.starts_with("STABLEHLO_") ? std::string_view{} : names;
}

class Lowering : graph::Lowering {
 public:
  Lowering(graph::Model& model, graph::Subgraph& graph) : graph::Lowering(model, graph) {}

  base::Status run() {
    EDGESCOPE_CHECK(emitter_.replace_canonical([this](Operator op) { return lower(std::move(op)); }));
    for (Operator& each : graph_.operators)
      if (each.version == 0 && !each.custom) each.version = smallest_version(each, graph_);
    return {};
  }

 private:
  base::Status refuse(const Operator& op, std::string why) const {
    return base::fail(
        {.what = fmt::format("{} cannot be written as TensorFlow Lite: {}", graph::kind_name(op.kind), why),
         .node = op.name});
  }

  int i32(const Ints& values) { return emitter_.ints(values, ElementType::Int32); }
  int i32(std::int64_t value) { return emitter_.ints({value}, ElementType::Int32, true); }

  static void set(Operator& op, std::string_view name, graph::Attribute value) {
    for (auto& [its_name, its_value] : op.attributes)
      if (its_name == name) {
        its_value = std::move(value);
        return;
      }
    op.attributes.emplace_back(name, std::move(value));
  }
  static void set_default(Operator& op, std::string_view name, graph::Attribute value) {
    if (graph::find(op.attributes, name) == nullptr) op.attributes.emplace_back(name, std::move(value));
  }

  // Appends the operator under the builtin name, with the inputs and attributes that it has by now.
  base::Status emit(Operator op, std::string_view name) {
    op.source_kind = name;
    emitter_.emit(std::move(op));
    return {};
  }
  // (A reference, so that the inputs can be told from the operator in the call that moves it.)
  base::Status emit_with(Operator&& op, std::string_view name, std::vector<int> more) {
    op.inputs.insert(op.inputs.end(), more.begin(), more.end());
    return emit(std::move(op), name);
  }

  base::Status lower(Operator op) {
    switch (op.kind) {
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
      case Kind::Clamp:
        return clamp(std::move(op));
      case Kind::Relu0To1:
        return clamp(std::move(op), 0, 1);
      case Kind::Elu:
        if (graph::get<double>(op.attributes, attr::alpha, 1) != 1) return refuse(op, "its alpha is 1 there");
        return emit(std::move(op), "ELU");
      case Kind::Softmax:
      case Kind::LogSoftmax:
        if (!last(op, graph::get<std::int64_t>(op.attributes, attr::axis, -1)))
          return refuse(op, "it runs along the last dimension there");
        if (op.kind == Kind::Softmax) set_default(op, attr::beta, 1.0);
        return emit(std::move(op), builtin(op.kind));
      case Kind::Cast:
        set(op, "in_data_type", std::string(element_type_name(input(op, 0).type)));
        set(op, "out_data_type", std::string(element_type_name(output(op).type)));
        return emit(std::move(op), "CAST");
      case Kind::Select:
        return emit(std::move(op), "SELECT_V2");
      case Kind::IsNan:
        op.inputs.push_back(op.inputs[0]);
        return emit(std::move(op), "NOT_EQUAL");
      case Kind::LogicalXor:
        return emit(std::move(op), "NOT_EQUAL");
      case Kind::Matmul:
        return matmul(std::move(op));
      case Kind::Reciprocal: {
        if (!graph::is_float(output(op).type)) return refuse(op, "its data are floats there");
        op.inputs.insert(op.inputs.begin(), emitter_.real(1, output(op).type));
        return emit(std::move(op), "DIV");
      }
      case Kind::HardSigmoid:
        return hard_sigmoid(std::move(op));
      case Kind::DepthToSpace:
        if (graph::get<std::string>(op.attributes, attr::mode, "blocks_first") != "blocks_first")
          return refuse(op, "blocks come before channels there");
        return emit(std::move(op), "DEPTH_TO_SPACE");
      case Kind::Pack:
        set(op, "values_count", static_cast<std::int64_t>(op.inputs.size()));
        return emit(std::move(op), "PACK");
      case Kind::Unpack:
        set(op, "num", static_cast<std::int64_t>(op.outputs.size()));
        return emit(std::move(op), "UNPACK");
      case Kind::Gather:
        if (graph::get<bool>(op.attributes, attr::negative_indices))
          return refuse(op, "indices count from the front there");
        return emit(std::move(op), "GATHER");
      case Kind::ResizeNearest:
      case Kind::ResizeBilinear:
        return emit_with(std::move(op), builtin(op.kind), {i32(ints(op, attr::sizes))});
      case Kind::Modulo:
      case Kind::FakeQuantize:
        return refuse(op, "it has no such operator");
      case Kind::Identity:
        return emit_with(std::move(op), "RESHAPE", {i32(output(op).shape.dims)});
      case Kind::Reshape:
        return reshape(std::move(op));
      case Kind::Unsqueeze:
        if (const Ints axes = ints(op, attr::axes); axes.size() == 1)
          return emit_with(std::move(op), "EXPAND_DIMS", {i32(axes[0])});
        return reshape(std::move(op));
      case Kind::Transpose:
        return emit_with(std::move(op), "TRANSPOSE", {i32(ints(op, attr::permutation))});
      case Kind::Split:
        return split(std::move(op));
      case Kind::Slice:
        return emit_with(std::move(op), "SLICE", {i32(ints(op, attr::begin)), i32(ints(op, attr::sizes))});
      case Kind::StridedSlice:
        return strided_slice(std::move(op));
      case Kind::Pad:
        return pad(std::move(op));
      case Kind::MirrorPad: {
        const bool symmetric = graph::get<std::string>(op.attributes, attr::mode) == "symmetric";
        set(op, attr::mode, std::string(symmetric ? "SYMMETRIC" : "REFLECT"));
        const int paddings = pairs(op);
        return emit_with(std::move(op), "MIRROR_PAD", {paddings});
      }
      case Kind::Cumsum: {
        const int axis = i32(graph::get<std::int64_t>(op.attributes, attr::axis));
        return emit_with(std::move(op), "CUMSUM", {axis});
      }
      case Kind::LocalResponseNormalization: {
        const std::int64_t size = graph::get<std::int64_t>(op.attributes, attr::size);
        if (size % 2 == 0 || rank(op) != 4)
          return refuse(op, "it is of as many channels on either side, of images, there");
        set(op, "radius", size / 2);
        set(op, attr::alpha, graph::get<double>(op.attributes, attr::alpha) / static_cast<double>(size));
        return emit(std::move(op), "LOCAL_RESPONSE_NORMALIZATION");
      }
      case Kind::Tile:
        return emit_with(std::move(op), "TILE", {i32(ints(op, attr::repeats))});
      case Kind::Expand:
        return emit_with(std::move(op), "BROADCAST_TO", {i32(output(op).shape.dims)});
      case Kind::GatherElements:
        return gather_elements(std::move(op));
      case Kind::ReduceMean:
      case Kind::ReduceSum:
      case Kind::ReduceMax:
      case Kind::ReduceMin:
      case Kind::ReduceProd:
      case Kind::ReduceAny:
      case Kind::ReduceAll:
        return emit_with(std::move(op), builtin(op.kind), {i32(ints(op, attr::axes))});
      case Kind::ArgMax:
      case Kind::ArgMin:
        return arg(std::move(op));
      case Kind::TopK:
        if (!last(op, graph::get<std::int64_t>(op.attributes, attr::axis)))
          return refuse(op, "it runs along the last dimension there");
        return top_k(std::move(op));
      default:
        break;
    }
    const std::string_view name = op.kind == Kind::Unknown ? std::string_view{} : builtin(op.kind);
    if (name.empty()) return refuse(op, "it has no such operator");
    return emit(std::move(op), name);
  }

  bool last(const Operator& op, std::int64_t axis) const {
    return axis == -1 || axis + 1 == static_cast<std::int64_t>(rank(op));
  }

  base::Status fully_connected(Operator op) {
    if (op.inputs.size() == 2) op.inputs.push_back(-1);
    if (output(op).shape.dims.size() != 2) set(op, "keep_num_dims", true);
    return emit(std::move(op), "FULLY_CONNECTED");
  }

  base::Status convolution(Operator op) {
    if (rank(op) != 4) return refuse(op, "it has two spatial dimensions there");
    EDGESCOPE_CHECK(explicit_padding(op));
    set_default(op, attr::padding, std::string("valid"));
    set_default(op, attr::strides, Ints{1, 1});
    set_default(op, attr::dilations, Ints{1, 1});
    if (op.inputs.size() == 2) op.inputs.push_back(zero_bias(op));
    if (op.kind == Kind::Convolution) return emit(std::move(op), "CONV_2D");
    set(op, "depth_multiplier", input(op, 1).shape.dims.back() / input(op, 0).shape.dims.back());
    return emit(std::move(op), "DEPTHWISE_CONV_2D");
  }

  // Padding is what a convolution back to the data would have, or none; of any other a slice cuts the whole. An
  // activation is an operator of its own, as a fused one came late.
  base::Status transposed_convolution(Operator op) {
    if (rank(op) != 4) return refuse(op, "it has two spatial dimensions there");
    const auto all_one = [](const Ints& list) {
      return std::all_of(list.begin(), list.end(), [](auto d) { return d == 1; });
    };
    if (!all_one(ints(op, attr::dilations))) return refuse(op, "its window has no gaps there");
    if (graph::get<std::int64_t>(op.attributes, attr::groups, 1) != 1 || input(op, 1).shape.dims.size() != 4)
      return refuse(op, "it has no groups there");
    const auto fused = graph::kind_from_name(graph::get<std::string>(op.attributes, attr::activation, "none"));
    if (fused) {
      Operator activation{.kind = *fused, .name = op.name, .outputs = op.outputs};
      activation.inputs = {between(op, "/linear")};
      std::erase_if(op.attributes, [](const auto& a) { return a.first == attr::activation; });
      EDGESCOPE_CHECK(transposed_convolution(std::move(op)));
      return lower(std::move(activation));
    }
    Ints strides = ints(op, attr::strides), begin = ints(op, attr::pads_begin);
    strides.resize(2, strides.empty() ? 1 : strides.back());
    begin.resize(2, 0);
    const Ints made = output(op).shape.dims, data = input(op, 0).shape.dims, kernel = input(op, 1).shape.dims;
    Ints whole = made;
    bool same = true;
    for (std::size_t i = 0; i < 2; ++i) {
      const std::int64_t back = (made[i + 1] + strides[i] - 1) / strides[i];
      const std::int64_t pads = std::max<std::int64_t>(0, (back - 1) * strides[i] + kernel[i + 1] - made[i + 1]);
      same = same && back == data[i + 1] && pads / 2 == begin[i];
      // Kernels want a convolution of the result to be as long as the data.
      const std::int64_t reached = (data[i + 1] - 1) * strides[i] + kernel[i + 1];
      whole[i + 1] = std::max(reached, begin[i] + made[i + 1]);
      if (whole[i + 1] >= reached + strides[i]) return refuse(op, "its result is longer than it may be there");
    }
    if (same) whole = made;
    Operator spread{.kind = op.kind, .name = op.name, .outputs = op.outputs};
    spread.attributes = {{std::string(attr::padding), std::string(same ? "same" : "valid")},
                         {std::string(attr::strides), strides},
                         {std::string(attr::activation), std::string("none")}};
    const int shape = i32(whole);
    spread.inputs = {shape, op.inputs[1], op.inputs[0]};
    if (op.inputs.size() > 2 && op.inputs[2] >= 0) spread.inputs.push_back(op.inputs[2]);
    if (whole == made) return emit(std::move(spread), "TRANSPOSE_CONV");
    const int middle = emitter_.result(output(op).type, whole, output(op).name + "/whole");
    emitter_.tensor(middle).quantization = output(op).quantization;
    spread.outputs = {middle};
    EDGESCOPE_CHECK(emit(std::move(spread), "TRANSPOSE_CONV"));
    Operator cut{.kind = Kind::Slice, .name = op.name, .inputs = {middle}, .outputs = op.outputs};
    const std::vector<int> lists = {i32(Ints{0, begin[0], begin[1], 0}), i32(made)};
    return emit_with(std::move(cut), "SLICE", lists);
  }

  // Kernels take it for granted that a convolution has one.
  int zero_bias(const Operator& op) {
    const std::int64_t channels = output(op).shape.dims.back();
    const auto count = static_cast<std::size_t>(channels);
    const graph::Tensor &data = input(op, 0), &weights = input(op, 1);
    if (graph::is_float(data.type))
      return emitter_.constant(ElementType::Float32, {channels}, std::vector<float>(count, 0));
    if (data.quantization == nullptr || weights.quantization == nullptr) return -1;
    graph::Quantization scales{.scales = weights.quantization->scales, .zero_points = {0}};
    for (float& each : scales.scales) each *= data.quantization->scales.at(0);
    graph::Tensor bias{.name = output(op).name + "/bias", .type = ElementType::Int32, .shape = {.dims = {channels}}};
    if (data.type == ElementType::Int16) bias.type = ElementType::Int64;
    bias.quantization = std::make_shared<const graph::Quantization>(std::move(scales));
    bias.constant = true;
    // The bytes of a constant that has no other name; this one has its own quantisation.
    bias.data = emitter_
                    .tensor(data.type == ElementType::Int16
                                ? emitter_.constant(bias.type, {channels}, std::vector<std::int64_t>(count, 0))
                                : emitter_.constant(bias.type, {channels}, std::vector<std::int32_t>(count, 0)))
                    .data;
    return emitter_.add(std::move(bias));
  }

  // An operator of its own before the convolution.
  base::Status explicit_padding(Operator& op) {
    if (graph::get<std::string>(op.attributes, attr::padding) != "explicit") return {};
    const Ints begin = ints(op, attr::pads_begin), end = ints(op, attr::pads_end);
    set(op, attr::padding, std::string("valid"));
    if (std::all_of(begin.begin(), begin.end(), [](auto p) { return p == 0; }) &&
        std::all_of(end.begin(), end.end(), [](auto p) { return p == 0; }))
      return {};
    Operator padding{.kind = Kind::Pad, .inputs = {op.inputs[0]}};
    Ints dims = input(op, 0).shape.dims, before(dims.size(), 0), after(dims.size(), 0);
    for (std::size_t i = 0; i < begin.size() && i < end.size(); ++i) {
      before[i + 1] = begin[i];
      after[i + 1] = end[i];
      dims[i + 1] += begin[i] + end[i];
    }
    padding.attributes = {{std::string(attr::pads_begin), before}, {std::string(attr::pads_end), after}};
    const int padded = emitter_.result(input(op, 0).type, dims, output(op).name + "/padded");
    emitter_.tensor(padded).quantization = input(op, 0).quantization;
    padding.outputs = {padded};
    op.inputs[0] = padded;
    return pad(std::move(padding));
  }

  base::Status pool(Operator op) {
    const auto padding = graph::get<std::string>(op.attributes, attr::padding, "valid");
    const auto pads = [&](std::string_view side) {
      const Ints list = ints(op, side);
      return std::any_of(list.begin(), list.end(), [](auto p) { return p != 0; });
    };
    if (rank(op) != 4 || (padding == "explicit" && (pads(attr::pads_begin) || pads(attr::pads_end))) ||
        padding == "same_lower")
      return refuse(op, "it has two spatial dimensions and no padding of its own there");
    if (padding == "explicit") set(op, attr::padding, std::string("valid"));
    set_default(op, attr::padding, std::string("valid"));
    set_default(op, attr::strides, Ints{1, 1});
    return emit(std::move(op), builtin(op.kind));
  }

  base::Status clamp(Operator op) {
    return clamp(op, graph::get<double>(op.attributes, attr::min, -kInfinity),
                 graph::get<double>(op.attributes, attr::max, kInfinity));
  }

  base::Status clamp(Operator op, double low, double high) {
    const auto is = [&](double a, double b) { return low == a && high == b; };
    if (is(0, kInfinity)) return emit(std::move(op), "RELU");
    if (is(0, 6)) return emit(std::move(op), "RELU6");
    if (is(-1, 1)) return emit(std::move(op), "RELU_N1_TO_1");
    if (!graph::is_float(output(op).type)) {
      if (is(0, 1)) return emit(std::move(op), "RELU_0_TO_1");
      return refuse(op, "its bounds are those of a RELU, or its data are floats");
    }
    // RELU_0_TO_1 came late, so floats do without.
    const ElementType type = output(op).type;
    const int middle = emitter_.result(type, output(op).shape.dims, output(op).name + "/lower");
    const int least = emitter_.real(low, type), most = emitter_.real(high, type);
    EDGESCOPE_CHECK(emit({.kind = Kind::Maximum, .inputs = {op.inputs[0], least}, .outputs = {middle}}, "MAXIMUM"));
    op.inputs = {middle, most};
    return emit(std::move(op), "MINIMUM");
  }

  base::Status reshape(Operator op) {
    set(op, "new_shape", output(op).shape.dims);
    return emit_with(std::move(op), "RESHAPE", {i32(output(op).shape.dims)});
  }

  base::Status strided_slice(Operator op) {
    std::int64_t shrink = 0;
    for (std::int64_t each : ints(op, attr::squeeze)) shrink |= std::int64_t{1} << each;
    if (shrink != 0) set(op, "shrink_axis_mask", shrink);
    const std::vector<int> lists = {i32(ints(op, attr::begin)), i32(ints(op, attr::end)), i32(ints(op, attr::strides))};
    return emit_with(std::move(op), "STRIDED_SLICE", lists);
  }

  base::Status matmul(Operator op) {
    if (op.inputs.size() < 3) return emit(std::move(op), "BATCH_MATMUL");
    Operator sum{.kind = Kind::Add, .name = op.name, .inputs = {-1, op.inputs[2]}, .outputs = op.outputs};
    op.inputs.resize(2);
    sum.inputs[0] = between(op, "/product");
    EDGESCOPE_CHECK(emit(std::move(op), "BATCH_MATMUL"));
    return emit(std::move(sum), "ADD");
  }

  // min(1, max(0, alpha * x + beta))
  base::Status hard_sigmoid(Operator op) {
    if (!graph::is_float(output(op).type)) return refuse(op, "its data are floats there");
    const ElementType type = output(op).type;
    Operator bounded{.kind = Kind::Relu0To1, .name = op.name, .outputs = op.outputs};
    bounded.inputs = {between(op, "/line")};
    Operator sum{.kind = Kind::Add, .name = op.name, .outputs = op.outputs};
    const int slope = emitter_.real(graph::get<double>(op.attributes, attr::alpha), type),
              offset = emitter_.real(graph::get<double>(op.attributes, attr::beta), type);
    sum.inputs = {between(op, "/slope"), offset};
    EDGESCOPE_CHECK(emit_with(std::move(op), "MUL", {slope}));
    EDGESCOPE_CHECK(emit(std::move(sum), "ADD"));
    return emit(std::move(bounded), "RELU_0_TO_1");
  }

  base::Status split(Operator op) {
    const Ints sizes = ints(op, attr::sizes);
    const std::int64_t axis = graph::get<std::int64_t>(op.attributes, attr::axis);
    set(op, "num_splits", static_cast<std::int64_t>(sizes.size()));
    if (std::adjacent_find(sizes.begin(), sizes.end(), std::not_equal_to<>()) != sizes.end())
      return emit_with(std::move(op), "SPLIT_V", {i32(sizes), i32(axis)});
    op.inputs = {i32(axis), op.inputs[0]};
    return emit(std::move(op), "SPLIT");
  }

  // What is padded, two numbers a dimension.
  int pairs(const Operator& op) {
    const Ints begin = ints(op, attr::pads_begin), end = ints(op, attr::pads_end);
    std::vector<std::int32_t> pairs;
    for (std::size_t i = 0; i < begin.size(); ++i) {
      pairs.push_back(static_cast<std::int32_t>(begin[i]));
      pairs.push_back(static_cast<std::int32_t>(end[i]));
    }
    return emitter_.constant(ElementType::Int32, {static_cast<std::int64_t>(begin.size()), 2}, pairs);
  }

  base::Status pad(Operator op) {
    const int paddings = pairs(op);
    const double value = graph::get<double>(op.attributes, attr::value);
    if (value == 0) return emit_with(std::move(op), "PAD", {paddings});
    if (!graph::is_float(output(op).type)) return refuse(op, "it pads whole numbers with zeros there");
    return emit_with(std::move(op), "PADV2", {paddings, emitter_.real(value, output(op).type)});
  }

  // GATHER takes one index list a row where the dimensions before the axis are a batch.
  base::Status gather_elements(Operator op) {
    const Ints &data = input(op, 0).shape.dims, &indices = input(op, 1).shape.dims;
    const std::int64_t axis = graph::get<std::int64_t>(op.attributes, attr::axis);
    const auto place = graph::axis_of(axis, data.size());
    if (!place || *place + 1 != data.size() || indices.size() != data.size() ||
        !std::equal(data.begin(), data.end() - 1, indices.begin()))
      return refuse(op, "it runs along the last dimension, for every row of the data, there");
    set(op, attr::axis, static_cast<std::int64_t>(*place));
    set(op, attr::batch_dims, static_cast<std::int64_t>(*place));
    return emit(std::move(op), "GATHER");
  }

  // Its indices are i32.
  base::Status top_k(Operator op) {
    const int k = i32(graph::get<std::int64_t>(op.attributes, attr::k)), indices = op.outputs[1];
    const ElementType wanted = emitter_.tensor(indices).type;
    if (wanted == ElementType::Int32) return emit_with(std::move(op), "TOPK_V2", {k});
    const int narrow = emitter_.result(ElementType::Int32, emitter_.tensor(indices).shape.dims,
                                       emitter_.tensor(indices).name + "/narrow");
    Operator cast{.kind = Kind::Cast, .name = op.name, .inputs = {narrow}, .outputs = {indices}};
    op.outputs[1] = narrow;
    EDGESCOPE_CHECK(emit_with(std::move(op), "TOPK_V2", {k}));
    return lower(std::move(cast));
  }

  base::Status arg(Operator op) {
    const std::int64_t axis = graph::get<std::int64_t>(op.attributes, attr::axis);
    set(op, "output_type", std::string(element_type_name(output(op).type)));
    if (!graph::get<bool>(op.attributes, attr::keep_dims))
      return emit_with(std::move(op), builtin(op.kind), {i32(axis)});
    Ints dims = output(op).shape.dims;
    const auto place = graph::axis_of(axis, dims.size());
    if (!place) return refuse(op, "has no such axis");
    dims.erase(dims.begin() + static_cast<std::ptrdiff_t>(*place));
    const int reduced = emitter_.result(output(op).type, dims, output(op).name + "/reduced");
    Operator reshaped{.kind = Kind::Reshape, .name = op.name, .inputs = {reduced}, .outputs = op.outputs};
    op.outputs = {reduced};
    EDGESCOPE_CHECK(emit_with(std::move(op), builtin(op.kind), {i32(axis)}));
    return reshape(std::move(reshaped));
  }
};

}  // namespace

base::Status lower(graph::Model& model) {
  for (graph::Subgraph& each : model.subgraphs) EDGESCOPE_CHECK(Lowering(model, each).run());
  return {};
}

}  // namespace edgescope::format::tflite
