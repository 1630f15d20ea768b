#include "format/openvino/raise.h"

#include <fmt/format.h>

#include <algorithm>

#include "graph/elements.h"
#include "graph/raising.h"

namespace edgescope::format::openvino {
namespace {

namespace attr = graph::attr;
using graph::ElementType;
using graph::Kind;
using graph::Operator;

// Operators whose inputs are those of the canonical form, and the attributes that they share with it.
struct Row {
  std::string_view name;
  Kind kind;
  std::string_view attribute = {};
};
constexpr Row kRows[] = {{"Equal", Kind::Equal},
                         {"NotEqual", Kind::NotEqual},
                         {"Less", Kind::Less},
                         {"LessEqual", Kind::LessEqual},
                         {"Greater", Kind::Greater},
                         {"GreaterEqual", Kind::GreaterEqual},
                         {"Add", Kind::Add},
                         {"Subtract", Kind::Subtract},
                         {"Multiply", Kind::Multiply},
                         {"Power", Kind::Power},
                         {"Maximum", Kind::Maximum},
                         {"Minimum", Kind::Minimum},
                         {"FloorMod", Kind::FloorMod},
                         {"Mod", Kind::Modulo},
                         {"SquaredDifference", Kind::SquaredDifference},
                         {"LogicalAnd", Kind::LogicalAnd},
                         {"LogicalOr", Kind::LogicalOr},
                         {"LogicalXor", Kind::LogicalXor},
                         {"Xor", Kind::LogicalXor},
                         {"LogicalNot", Kind::LogicalNot},
                         {"Select", Kind::Select},
                         {"ReLU", Kind::Relu},
                         {"Elu", Kind::Elu, attr::alpha},
                         {"Sigmoid", Kind::Logistic},
                         {"Tanh", Kind::Tanh},
                         {"HSwish", Kind::HardSwish},
                         {"HSigmoid", Kind::HSigmoid},
                         {"SoftPlus", Kind::Softplus},
                         {"SoftSign", Kind::Softsign},
                         {"Mish", Kind::Mish},
                         {"Erf", Kind::Erf},
                         {"Exp", Kind::Exp},
                         {"Log", Kind::Log},
                         {"Sqrt", Kind::Sqrt},
                         {"Abs", Kind::Abs},
                         {"Negative", Kind::Negate},
                         {"Sign", Kind::Sign},
                         {"Floor", Kind::Floor},
                         {"Ceiling", Kind::Ceil},
                         {"Sin", Kind::Sin},
                         {"Cos", Kind::Cos},
                         {"Tan", Kind::Tan},
                         {"Asin", Kind::Asin},
                         {"Acos", Kind::Acos},
                         {"Atan", Kind::Atan},
                         {"Sinh", Kind::Sinh},
                         {"Cosh", Kind::Cosh},
                         {"Asinh", Kind::Asinh},
                         {"Acosh", Kind::Acosh},
                         {"Atanh", Kind::Atanh},
                         {"IsNaN", Kind::IsNan},
                         {"Concat", Kind::Concatenation, attr::axis},
                         {"GatherElements", Kind::GatherElements, attr::axis},
                         {"Softmax", Kind::Softmax, attr::axis},
                         {"SoftMax", Kind::Softmax, attr::axis},
                         {"LogSoftmax", Kind::LogSoftmax, attr::axis},
                         {"FakeQuantize", Kind::FakeQuantize, attr::levels},
                         {"Convert", Kind::Cast, attr::to}};

class Raise : public graph::Raising {
 public:
  using Raising::Raising;

  Raised run() const {
    const std::string_view whole = source_.source_kind;
    const auto colon = whole.find(':');
    if (source_.custom || !whole.starts_with("opset") || colon == whole.npos) return refuse("its meaning is not known");
    const std::string_view name = whole.substr(colon + 1);
    if (const auto broadcast = get<std::string>("auto_broadcast", "numpy"); broadcast == "pdpd")
      return refuse("it broadcasts along an axis");
    const auto* row = std::find_if(std::begin(kRows), std::end(kRows), [&](const Row& r) { return r.name == name; });
    if (row != std::end(kRows)) {
      Operator op = make(row->kind);
      if (!row->attribute.empty()) keep(op, row->attribute);
      return finish(std::move(op));
    }
    if (name == "Divide") return divide();
    if (name == "PRelu" || name == "PReLU") return prelu();
    if (name == "Gelu") return gelu();
    if (name == "HardSigmoid") return two_constants(Kind::HardSigmoid, attr::alpha, attr::beta);
    if (name == "Selu") return two_constants(Kind::Selu, attr::alpha, attr::gamma);
    if (name == "Clamp") {
      Operator op = make(Kind::Clamp);
      keep(op, attr::min);
      keep(op, attr::max);
      return finish(std::move(op));
    }
    if (name == "Round") {
      if (get<std::string>("mode", "half_to_even") != "half_to_even") return refuse("halves go away from zero");
      return same(Kind::Round);
    }
    if (name == "MatMul") {
      Operator op = make(Kind::Matmul);
      keep(op, attr::transpose_a);
      keep(op, attr::transpose_b);
      return finish(std::move(op));
    }
    if (name == "Convolution" || name == "GroupConvolution") return convolution();
    if (name.ends_with("ConvolutionBackpropData")) return transposed_convolution();
    if (name == "AvgPool" || name == "MaxPool") return pool(name == "MaxPool");
    if (name == "BatchNormInference") return normalization();
    if (name == "Reshape") {
      EDGESCOPE_CHECK(integers(1, "shape"));
      return reshape();
    }
    if (name == "Squeeze") {
      if (input(1) == nullptr) return squeeze({});
      EDGESCOPE_TRY(axes, integers(1, "axes"));
      return squeeze(axes);
    }
    if (name == "Unsqueeze") {
      EDGESCOPE_TRY(axes, integers(1, "axes"));
      return unsqueeze(axes);
    }
    if (name == "Transpose") {
      EDGESCOPE_TRY(order, integers(1, "order"));
      return transpose(order);
    }
    if (name == "Split" || name == "VariadicSplit") return split(name == "Split");
    if (name == "Slice") return slice();
    if (name == "StridedSlice") return strided_slice();
    if (name == "Pad") return pad();
    if (name == "CumSum") {
      EDGESCOPE_TRY(axis, integer(1, "axis"));
      Operator op = make(Kind::Cumsum, 1);
      set(op, attr::axis, axis);
      keep(op, attr::exclusive);
      keep(op, attr::reverse);
      return finish(std::move(op));
    }
    if (name == "LRN") {
      EDGESCOPE_TRY(axes, integers(1, "axes"));
      if (axes != Ints{1}) return refuse("it is not of the channels");
      Operator op = make(Kind::LocalResponseNormalization, 1);
      for (const auto each : {attr::size, attr::alpha, attr::beta, attr::bias}) keep(op, each);
      return finish(std::move(op));
    }
    if (name == "Swish") {
      Operator op = make(Kind::Swish, 1);
      if (input(1) != nullptr) {
        EDGESCOPE_TRY(beta, real(1, "beta"));
        set(op, attr::beta, beta);
      }
      return finish(std::move(op));
    }
    if (name == "Tile") return tile();
    if (name == "Broadcast") {
      EDGESCOPE_CHECK(integers(1, "shape"));
      const auto mode = get<std::string>("mode", "numpy");
      if (mode != "numpy" && mode != "bidirectional") return refuse(fmt::format("its mode is {}", mode));
      return reshape(Kind::Expand);
    }
    if (name == "Gather") return gather();
    if (name.starts_with("Reduce")) {
      EDGESCOPE_TRY(axes, integers(1, "axes"));
      return reduce(source_.kind, axes, get<bool>(attr::keep_dims));
    }
    if (name == "TopK") return top_k();
    if (name == "Interpolate" && source_.version >= 4) return resize();
    if (name == "DepthToSpace" || name == "SpaceToDepth") {
      Operator op = make(source_.kind);
      keep(op, attr::block_size);
      if (get<std::string>(attr::mode, "blocks_first") == "depth_first")
        set(op, attr::mode, std::string("depth_first"));
      return finish(std::move(op));
    }
    return refuse("there is none for it yet");
  }

 private:
  // A list that the file gives as text: "1" reads as a number and "" as none.
  Ints list(std::string_view name) const {
    const graph::Attribute* value = graph::find(source_.attributes, name);
    if (value == nullptr) return {};
    if (const auto* ints = std::get_if<Ints>(value)) return *ints;
    if (const auto* one = std::get_if<std::int64_t>(value)) return {*one};
    if (const auto* flag = std::get_if<bool>(value)) return {*flag ? 1 : 0};
    return {};
  }

  // Whole numbers are divided as Python does unless the file says otherwise.
  Raised divide() const {
    if (input(0) == nullptr || graph::is_float(input(0)->type)) return same(Kind::Divide);
    const graph::Attribute* value = graph::find(source_.attributes, "m_pythondiv");
    const bool python =
        value == nullptr || *value == graph::Attribute(true) || *value == graph::Attribute(std::int64_t{1});
    return same(python ? Kind::FloorDivide : Kind::Divide);
  }

  // A list of slopes lies along the channels, which broadcasting would put last.
  Raised prelu() const {
    if (rank(1) == 1 && dims(1)[0] != 1 && rank() > 2) return refuse("its slopes are one a channel");
    return same(Kind::Prelu);
  }

  Raised gelu() const {
    Operator op = make(Kind::Gelu);
    const auto mode = get<std::string>("approximation_mode", "ERF");
    if (mode == "TANH" || mode == "tanh") set(op, attr::approximate, true);
    return finish(std::move(op));
  }

  Raised two_constants(Kind kind, std::string_view first, std::string_view second) const {
    EDGESCOPE_TRY(a, real(1, first));
    EDGESCOPE_TRY(b, real(2, second));
    Operator op = make(kind, 1);
    set(op, first, a);
    set(op, second, b);
    return finish(std::move(op));
  }

  void window(Operator& op) const {
    for (auto name : {attr::strides, attr::dilations, attr::padding, attr::pads_begin, attr::pads_end}) keep(op, name);
  }

  Raised convolution() const {
    const bool grouped = source_.source_kind.ends_with(":GroupConvolution");
    Operator op = make(Kind::Convolution);
    window(op);
    if (grouped && rank(1) > 1) {
      // As many channels as groups; more results a channel are a convolution like others.
      if (rank(1) > 2 && dims(1)[2] == 1)
        op.kind = Kind::DepthwiseConvolution;
      else
        set(op, attr::groups, dims(1)[0]);
    }
    return finish(std::move(op));
  }

  Raised transposed_convolution() const {
    const bool grouped = source_.source_kind.ends_with(":GroupConvolutionBackpropData");
    Operator op = make(Kind::TransposedConvolution, 2);
    for (auto name : {attr::strides, attr::dilations, attr::output_padding}) keep(op, name);
    if (grouped && rank(1) > 1) set(op, attr::groups, dims(1)[0]);
    const auto padding = get<std::string>(attr::padding, "explicit");
    const bool fits = padding == "same" || padding == "same_lower";
    if (!fits && input(2) == nullptr) {
      if (padding == "explicit") {
        keep(op, attr::pads_begin);
        keep(op, attr::pads_end);
      }
      return finish(std::move(op));
    }
    if (output() == nullptr || output()->shape.dims.size() != rank() || rank() < 3)
      return refuse("its result's shape is not known");
    const std::size_t kernel = rank(1) - (rank() - 2);
    Ints begin, end, more = list(attr::output_padding);
    more.resize(rank() - 2, 0);
    for (std::size_t i = 0; i + 2 < rank(); ++i) {
      const auto each = [&](std::string_view name) {
        const Ints values = list(name);
        return i < values.size() ? values[i] : 1;
      };
      const std::int64_t reach = (dims(1)[kernel + i] - 1) * each(attr::dilations) + 1;
      const std::int64_t cut =
          (dims()[i + 2] - 1) * each(attr::strides) + reach + more[i] - output()->shape.dims[i + 2];
      if (cut % 2 != 0) return refuse("on which side it is cut is a matter of the runtime");
      if (cut < 0) more[i] -= cut;
      begin.push_back(std::max<std::int64_t>(cut / 2, 0));
      end.push_back(begin.back());
    }
    std::erase_if(op.attributes, [](const auto& a) { return a.first == attr::output_padding; });
    set(op, attr::output_padding, std::move(more));
    set(op, attr::pads_begin, std::move(begin));
    set(op, attr::pads_end, std::move(end));
    return finish(std::move(op));
  }

  Raised pool(bool max) const {
    Operator op = make(max ? Kind::MaxPool : Kind::AveragePool);
    window(op);
    keep(op, attr::kernel);
    const Ints dilations = get<Ints>(attr::dilations);
    if (std::any_of(dilations.begin(), dilations.end(), [](auto d) { return d != 1; }))
      return refuse("its window has gaps");
    std::erase_if(op.attributes, [](const auto& a) { return a.first == attr::dilations; });
    if (op.outputs.size() > 1) {
      if (used(1)) return refuse("its places are asked for");
      op.outputs.resize(1);
    }
    if (!max && !get<bool>("exclude-pad", true)) set(op, attr::include_pad, true);
    return finish(std::move(op));
  }

  // Until opset 5 the data stood third.
  Raised normalization() const {
    Operator op = make(Kind::BatchNormalization);
    if (op.inputs.size() != 5) return refuse("it does not have five inputs");
    if (source_.version < 5) std::rotate(op.inputs.begin(), op.inputs.begin() + 2, op.inputs.begin() + 3);
    keep(op, attr::epsilon);
    return finish(std::move(op));
  }

  Raised split(bool even) const {
    EDGESCOPE_TRY(along, integer(1, "axis"));
    if (!even) EDGESCOPE_CHECK(integers(2, "lengths"));
    const auto axis = graph::axis_of(along, rank());
    if (!axis) return refuse("it has no such axis");
    Operator op = make(Kind::Split, 1);
    Ints sizes;
    for (std::size_t i = 0; i < source_.outputs.size(); ++i)
      sizes.push_back(output(i) && output(i)->shape.dims.size() > *axis ? output(i)->shape.dims[*axis] : -1);
    set(op, attr::axis, static_cast<std::int64_t>(*axis));
    set(op, attr::sizes, std::move(sizes));
    return finish(std::move(op));
  }

  Raised slice() const {
    EDGESCOPE_TRY(begin, integers(1, "start"));
    EDGESCOPE_TRY(end, integers(2, "stop"));
    EDGESCOPE_TRY(step, integers(3, "step"));
    Ints axes;
    for (std::size_t i = 0; i < begin.size(); ++i) axes.push_back(static_cast<std::int64_t>(i));
    if (input(4) != nullptr) {
      EDGESCOPE_TRY(given, integers(4, "axes"));
      axes = given;
    }
    if (end.size() != begin.size() || step.size() != begin.size() || axes.size() != begin.size())
      return refuse("its lists are not of one length");
    std::vector<Range> ranges;
    for (std::int64_t size : dims()) ranges.push_back(bounded(0, size, 1, size));
    for (std::size_t i = 0; i < axes.size(); ++i) {
      const auto axis = graph::axis_of(axes[i], rank());
      if (!axis) return refuse("it has no such axis");
      ranges[*axis] = bounded(begin[i], end[i], step[i], dims()[*axis]);
    }
    return strided(std::move(ranges));
  }

  Raised strided_slice() const {
    EDGESCOPE_TRY(begin, integers(1, "begin"));
    EDGESCOPE_TRY(end, integers(2, "end"));
    Ints strides(begin.size(), 1);
    if (input(3) != nullptr) {
      EDGESCOPE_TRY(given, integers(3, "strides"));
      strides = given;
    }
    const auto masked = [&](std::string_view name, std::size_t i) {
      const Ints mask = list(name);
      return i < mask.size() && mask[i] != 0;
    };
    if (end.size() != begin.size() || strides.size() != begin.size() || begin.size() > rank())
      return refuse("its lists are not of one length");
    std::vector<Range> ranges;
    for (std::size_t i = 0; i < rank(); ++i) {
      if (masked("new_axis_mask", i) || masked("ellipsis_mask", i))
        return refuse("it has an ellipsis or new dimensions");
      const std::int64_t size = dims()[i];
      if (i >= begin.size()) {
        ranges.push_back(bounded(0, size, 1, size));
      } else if (masked("shrink_axis_mask", i)) {
        const std::int64_t at = masked("begin_mask", i) ? 0 : begin[i] < 0 ? begin[i] + size : begin[i];
        if (at < 0 || at >= size) return refuse("it reaches beyond the data");
        ranges.push_back({.begin = at, .end = at + 1, .squeeze = true});
      } else {
        ranges.push_back(
            bounded(masked("begin_mask", i) ? 0 : begin[i], masked("end_mask", i) ? size : end[i], strides[i], size));
      }
    }
    return strided(std::move(ranges));
  }

  Raised pad() const {
    const auto mode = get<std::string>("pad_mode", "constant");
    const bool mirrors = mode == "reflect" || mode == "symmetric";
    if (mode != "constant" && !mirrors) return refuse("it pads with what the data hold");
    EDGESCOPE_TRY(begin, integers(1, "pads_begin"));
    EDGESCOPE_TRY(end, integers(2, "pads_end"));
    const auto negative = [](const Ints& pads) {
      return std::any_of(pads.begin(), pads.end(), [](auto p) { return p < 0; });
    };
    if (negative(begin) || negative(end)) return refuse("it cuts");
    Operator op = make(mirrors ? Kind::MirrorPad : Kind::Pad, 1);
    set(op, attr::pads_begin, std::move(begin));
    set(op, attr::pads_end, std::move(end));
    if (mirrors) {
      set(op, attr::mode, mode);
    } else if (input(3) != nullptr) {
      if (graph::is_float(input(3)->type)) {
        EDGESCOPE_TRY(value, real(3, "value"));
        set(op, attr::value, value);
      } else if (const auto value = integer(3, "value"); !value || *value != 0) {
        return refuse("it pads with a whole number");
      }
    }
    return finish(std::move(op));
  }

  Raised tile() const {
    EDGESCOPE_TRY(repeats, integers(1, "repeats"));
    if (repeats.size() < rank()) repeats.insert(repeats.begin(), rank() - repeats.size(), 1);
    Operator op = make(Kind::Tile, 1);
    set(op, attr::repeats, std::move(repeats));
    return finish(std::move(op));
  }

  // Since opset 8 indices may count from the back.
  Raised gather() const {
    EDGESCOPE_TRY(axis, integer(2, "axis"));
    Operator op = make(Kind::Gather, 2);
    set(op, attr::axis, axis);
    std::int64_t batch = get<std::int64_t>(attr::batch_dims);
    if (batch < 0) batch += static_cast<std::int64_t>(rank(1));
    if (batch != 0) set(op, attr::batch_dims, batch);
    if (source_.version >= 8 && input(1) != nullptr) {
      const auto indices = graph::integer_elements(*input(1));
      if (!indices || std::any_of(indices->begin(), indices->end(), [](auto i) { return i < 0; }))
        set(op, attr::negative_indices, true);
    }
    return finish(std::move(op));
  }

  // Those ways to place and round pixels that other formats have, too.
  Raised resize() const {
    const auto mode = get<std::string>(attr::mode),
               place = get<std::string>("coordinate_transformation_mode", "half_pixel"),
               rounded = get<std::string>("nearest_mode", "round_prefer_floor");
    const bool nearest = mode == "nearest";
    if (source_.version != 4 || rank() != 4 || (!nearest && mode != "linear_onnx" && mode != "linear"))
      return refuse(fmt::format("its mode is {}", mode));
    for (auto side : {attr::pads_begin, attr::pads_end}) {
      const Ints pads = list(side);
      if (std::any_of(pads.begin(), pads.end(), [](auto p) { return p != 0; })) return refuse("it pads");
    }
    if (get<bool>("antialias")) return refuse("it smooths");
    const bool corners = place == "align_corners", centers = place == "half_pixel";
    if (!corners && !centers && place != "asymmetric") return refuse(fmt::format("its pixels are placed {}", place));
    if (nearest && rounded != (corners || centers ? "round_prefer_ceil" : "floor"))
      return refuse(fmt::format("it rounds with {}", rounded));
    if (input(3) != nullptr) {
      EDGESCOPE_TRY(axes, integers(3, "axes"));
      if (axes != Ints{2, 3}) return refuse("it does not resize height and width");
    }
    if (output() == nullptr || output()->shape.dims.size() != 4) return refuse("its result has no static shape");
    const Ints sizes(output()->shape.dims.begin() + 2, output()->shape.dims.end());
    if (get<std::string>("shape_calculation_mode", "sizes") == "scales") {
      // Places are computed with the scales that are given, which must be those of the sizes.
      const auto scales = input(2) ? graph::real_elements(*input(2)) : std::nullopt;
      const std::size_t first = scales && scales->size() == 4 ? 2 : 0;
      if (!scales || scales->size() != first + 2) return refuse("its scales are no constant");
      for (std::size_t i = 0; i < 2; ++i)
        if ((*scales)[first + i] * static_cast<double>(dims()[i + 2]) != static_cast<double>(sizes[i]))
          return refuse("its scales are not those of the sizes");
    }
    Operator op = make(nearest ? Kind::ResizeNearest : Kind::ResizeBilinear, 1);
    set(op, attr::sizes, sizes);
    set(op, attr::align_corners, corners);
    set(op, attr::half_pixel_centers, centers);
    return finish(std::move(op));
  }

  Raised top_k() const {
    EDGESCOPE_TRY(k, integer(1, "k"));
    if (k == 1 && get<std::string>("mode", "max") == "min" && source_.outputs.size() == 2 && !used(0)) {
      Operator op = make(Kind::ArgMin, 1);
      op.outputs = {source_.outputs[1]};
      keep(op, attr::axis);
      set(op, attr::keep_dims, true);
      if (output(1)) set(op, attr::to, std::string(element_type_name(output(1)->type)));
      return finish(std::move(op));
    }
    if (get<std::string>("mode", "max") != "max" || get<std::string>("sort", "value") != "value")
      return refuse("it does not give the largest in their order");
    Operator op = make(Kind::TopK, 1);
    keep(op, attr::axis);
    set(op, attr::k, k);
    if (output(1)) set(op, attr::to, std::string(element_type_name(output(1)->type)));
    return finish(std::move(op));
  }
};

}  // namespace

base::Result<graph::Operator> raise(const graph::Model& model, const graph::Subgraph& graph,
                                    const graph::Operator& op) {
  return Raise(model, graph, op).run();
}

}  // namespace edgescope::format::openvino
