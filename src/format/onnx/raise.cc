#include "format/onnx/raise.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "graph/elements.h"
#include "graph/raising.h"

namespace edgescope::format::onnx {
namespace {

namespace attr = graph::attr;
using graph::ElementType;
using graph::Kind;
using graph::Operator;

constexpr double kInfinity = std::numeric_limits<double>::infinity();

// Operators whose inputs are those of the canonical form, and the attributes that they share with it.
struct Row {
  std::string_view name;
  std::string_view attribute = {}, another = {};
};
constexpr Row kRows[] = {{"Equal"},
                         {"Less"},
                         {"LessOrEqual"},
                         {"Greater"},
                         {"GreaterOrEqual"},
                         {"And"},
                         {"Or"},
                         {"Xor"},
                         {"Add"},
                         {"Sub"},
                         {"Mul"},
                         {"Div"},
                         {"Pow"},
                         {"Not"},
                         {"Where"},
                         {"Relu"},
                         {"LeakyRelu", attr::alpha},
                         {"Elu", attr::alpha},
                         {"HardSigmoid", attr::alpha, attr::beta},
                         {"Sigmoid"},
                         {"Tanh"},
                         {"HardSwish"},
                         {"Softplus"},
                         {"Softsign"},
                         {"Mish"},
                         {"Erf"},
                         {"Exp"},
                         {"Log"},
                         {"Sqrt"},
                         {"Reciprocal"},
                         {"Abs"},
                         {"Neg"},
                         {"Sign"},
                         {"Floor"},
                         {"Ceil"},
                         {"Round"},
                         {"Sin"},
                         {"Cos"},
                         {"Tan"},
                         {"Asin"},
                         {"Acos"},
                         {"Atan"},
                         {"Sinh"},
                         {"Cosh"},
                         {"Asinh"},
                         {"Acosh"},
                         {"Atanh"},
                         {"IsNaN"},
                         {"Identity"},
                         {"Cast", attr::to},
                         {"Transpose", attr::permutation},
                         {"Concat", attr::axis},
                         {"MatMul"},
                         {"GatherElements", attr::axis}};

class Raise : public graph::Raising {
 public:
  using Raising::Raising;

  Raised run() const {
    const std::string_view name = source_.source_kind;
    if (source_.custom || name.find(':') != name.npos) return refuse("its meaning is not known");
    // An axis along which the second input was laid, before broadcasting was as NumPy's.
    if (get<std::int64_t>("broadcast") != 0 && dims(0) != dims(1)) return refuse("it broadcasts along an axis");
    const auto* row = std::find_if(std::begin(kRows), std::end(kRows), [&](const Row& r) { return r.name == name; });
    if (row != std::end(kRows)) {
      Operator op = make(name == "Where" ? Kind::Select : source_.kind);
      for (std::string_view each : {row->attribute, row->another})
        if (!each.empty()) keep(op, each);
      if (name == "GatherElements") {
        const auto indices = input(1) ? graph::integer_elements(*input(1)) : std::nullopt;
        if (!indices) return refuse("its indices may count from the back");
        if (std::any_of(indices->begin(), indices->end(), [](auto i) { return i < 0; }))
          return refuse("its indices count from the back");
      }
      return finish(std::move(op));
    }
    if (name == "Max" || name == "Min" || name == "Sum" || name == "Mean") return of_several();
    if (name == "Mod") return same(get<std::int64_t>("fmod") != 0 ? Kind::Modulo : Kind::FloorMod);
    if (name == "PRelu") {
      if (source_.version < 7 && dims(1).size() == 1 && dims(1)[0] != 1 && rank() > 2)
        return refuse("its slopes are one a channel");
      return same(Kind::Prelu);
    }
    if (name == "Selu") {
      Operator op = make(Kind::Selu);
      keep(op, attr::alpha);
      set(op, attr::gamma, get<double>(attr::gamma, source_.version < 6 ? 1.0507f : 1.05070102214813232421875));
      return finish(std::move(op));
    }
    if (name == "Gelu") {
      Operator op = make(Kind::Gelu);
      if (get<std::string>(attr::approximate, "none") == "tanh") set(op, attr::approximate, true);
      return finish(std::move(op));
    }
    if (name == "Clip") return clip();
    if (name == "Dropout") return dropout();
    if (name == "Flatten") return reshape();
    if (name == "Reshape") {
      if (source_.version >= 5) EDGESCOPE_CHECK(integers(1, "shape"));
      return reshape();
    }
    if (name == "Squeeze") {
      EDGESCOPE_TRY(axes, axes_or_none(13));
      return squeeze(axes);
    }
    if (name == "Unsqueeze") {
      EDGESCOPE_TRY(axes, axes_or_none(13));
      return unsqueeze(axes);
    }
    if (name == "Expand") {
      EDGESCOPE_CHECK(integers(1, "shape"));
      return reshape(Kind::Expand);
    }
    if (name == "CumSum") {
      EDGESCOPE_TRY(axis, integer(1, "axis"));
      Operator op = make(Kind::Cumsum, 1);
      set(op, attr::axis, axis);
      for (const auto flag : {attr::exclusive, attr::reverse}) set(op, flag, get<std::int64_t>(flag) != 0);
      return finish(std::move(op));
    }
    if (name == "LRN") {
      Operator op = make(Kind::LocalResponseNormalization);
      keep(op, attr::size);
      set(op, attr::alpha, get<double>(attr::alpha, 1e-4f));
      set(op, attr::beta, get<double>(attr::beta, 0.75));
      set(op, attr::bias, get<double>(attr::bias, 1));
      return finish(std::move(op));
    }
    if (name == "Tile") return tile();
    if (name == "Softmax" || name == "LogSoftmax") return softmax();
    if (name == "ConvTranspose") return transposed_convolution();
    if (name == "Gemm") return gemm();
    if (name == "Conv") return convolution();
    if (name == "AveragePool" || name == "MaxPool") return pool();
    if (name == "GlobalAveragePool" || name == "GlobalMaxPool") return global_pool();
    if (name == "BatchNormalization") return normalization();
    if (name == "Split") return split();
    if (name == "Slice") return slice();
    if (name == "Pad") return pad();
    if (name == "Gather") return gather();
    if (name.starts_with("Reduce")) return reduction();
    if (name == "ArgMax" || name == "ArgMin") {
      if (get<std::int64_t>("select_last_index") != 0) return refuse("of equal ones it takes the last");
      Operator op = make(source_.kind);
      keep(op, attr::axis);
      keep(op, attr::keep_dims);
      set(op, attr::to, std::string("i64"));
      return finish(std::move(op));
    }
    if (name == "TopK") return top_k();
    if (name == "Resize" && source_.version >= 11) return resize();
    if (name == "DepthToSpace" || name == "SpaceToDepth") {
      Operator op = make(source_.kind);
      keep(op, attr::block_size);
      if (get<std::string>(attr::mode, "DCR") == "CRD") set(op, attr::mode, std::string("depth_first"));
      return finish(std::move(op));
    }
    return refuse("there is none for it yet");
  }

 private:
  Raised of_several() const {
    Kind kind = source_.kind;
    if (kind == Kind::SumN) kind = Kind::Add;
    if (source_.inputs.size() == 1) return same(Kind::Identity);
    if (source_.inputs.size() != 2 || kind == Kind::MeanN) return refuse("it takes more than two");
    return same(kind);
  }

  // Axes, an attribute that became an input; an empty list where there are none.
  base::Result<Ints> axes_or_none(int as_input_since) const {
    if (source_.version < as_input_since || input(1) == nullptr) return get<Ints>(attr::axes);
    return integers(1, "axes");
  }

  Raised clip() const {
    double low = get<double>(attr::min, -kInfinity), high = get<double>(attr::max, kInfinity);
    if (input(0) && !graph::is_float(input(0)->type)) return refuse("its data are whole numbers");
    if (source_.version >= 11) {
      low = -kInfinity;
      high = kInfinity;
      if (input(1) != nullptr) {
        EDGESCOPE_TRY(value, real(1, "min"));
        low = value;
      }
      if (input(2) != nullptr) {
        EDGESCOPE_TRY(value, real(2, "max"));
        high = value;
      }
    }
    Operator op = make(Kind::Clamp, 1);
    set(op, attr::min, low);
    set(op, attr::max, high);
    return finish(std::move(op));
  }

  // What it drops, it drops in training.
  Raised dropout() const {
    Operator op = make(Kind::Identity, 1);
    if (op.outputs.size() > 1) {
      if (used(1)) return refuse("its mask is asked for");
      op.outputs.resize(1);
    }
    if (input(2) != nullptr) {
      EDGESCOPE_TRY(training, integer(2, "training_mode"));
      if (training != 0) return refuse("it trains");
    }
    return finish(std::move(op));
  }

  Raised tile() const {
    if (source_.version < 6) return refuse("it repeats along one axis");
    EDGESCOPE_TRY(repeats, integers(1, "repeats"));
    Operator op = make(Kind::Tile, 1);
    set(op, attr::repeats, std::move(repeats));
    return finish(std::move(op));
  }

  // Until opset 13 over all dimensions from the axis on.
  Raised softmax() const {
    const auto axis = graph::axis_of(get<std::int64_t>(attr::axis, -1), rank());
    if (!axis) return refuse("it has no such axis");
    if (source_.version < 13 && std::any_of(dims().begin() + static_cast<std::ptrdiff_t>(*axis) + 1, dims().end(),
                                            [](std::int64_t d) { return d != 1; }))
      return refuse("it runs over several dimensions");
    Operator op = make(source_.kind);
    set(op, attr::axis, static_cast<std::int64_t>(*axis));
    return finish(std::move(op));
  }

  Raised gemm() const {
    if (get<double>(attr::alpha, 1) != 1 || (input(2) != nullptr && get<double>(attr::beta, 1) != 1))
      return refuse("its factors are not 1");
    const bool a = get<bool>(attr::transpose_a), b = get<bool>(attr::transpose_b);
    const bool row = input(2) == nullptr || (rank(2) == 1 && rank(1) == 2 && dims(2)[0] == dims(1)[0]);
    if (!a && b && row && input(1) != nullptr && input(1)->constant) return same(Kind::FullyConnected);
    Operator op = make(Kind::Matmul);
    set(op, attr::transpose_a, a);
    set(op, attr::transpose_b, b);
    return finish(std::move(op));
  }

  void window(Operator& op) const {
    for (auto name : {attr::strides, attr::padding, attr::pads_begin, attr::pads_end}) keep(op, name);
  }

  Raised convolution() const {
    Operator op = make(source_.kind == Kind::DepthwiseConvolution ? source_.kind : Kind::Convolution);
    window(op);
    keep(op, attr::dilations);
    if (op.kind == Kind::Convolution && get<std::int64_t>(attr::groups, 1) != 1) keep(op, attr::groups);
    return finish(std::move(op));
  }

  Raised transposed_convolution() const {
    Operator op = make(Kind::TransposedConvolution);
    keep(op, attr::strides);
    keep(op, attr::dilations);
    keep(op, attr::output_padding);
    if (get<std::int64_t>(attr::groups, 1) != 1) keep(op, attr::groups);
    const auto padding = get<std::string>(attr::padding, "valid");
    const bool fits = padding == "same" || padding == "same_lower";
    if (fits || has("output_shape")) return to_its_shape(std::move(op), padding);
    keep(op, attr::pads_begin);
    keep(op, attr::pads_end);
    return finish(std::move(op));
  }

  // What is too much is cut from both sides; an odd one where the operator says.
  Raised to_its_shape(Operator op, const std::string& padding) const {
    if (output() == nullptr || output()->shape.dims.size() != rank() || rank(1) != rank() || rank() < 3)
      return refuse("its result's shape is not known");
    Ints begin, end, more = get<Ints>(attr::output_padding);
    more.resize(rank() - 2, 0);
    for (std::size_t i = 0; i + 2 < rank(); ++i) {
      const auto each = [&](std::string_view name) {
        const Ints list = get<Ints>(name);
        return i < list.size() ? list[i] : 1;
      };
      const std::int64_t reach = (dims(1)[i + 2] - 1) * each(attr::dilations) + 1;
      const std::int64_t cut =
          (dims()[i + 2] - 1) * each(attr::strides) + reach + more[i] - output()->shape.dims[i + 2];
      if (padding != "same" && padding != "same_lower" && cut % 2 != 0)
        return refuse("on which side it is cut is a matter of the runtime");
      if (cut < 0) more[i] -= cut;
      begin.push_back(cut <= 0 ? 0 : padding == "same" ? cut / 2 : cut - cut / 2);
      end.push_back(cut <= 0 ? 0 : cut - begin.back());
    }
    std::erase_if(op.attributes, [](const auto& a) { return a.first == attr::output_padding; });
    set(op, attr::output_padding, std::move(more));
    set(op, attr::pads_begin, std::move(begin));
    set(op, attr::pads_end, std::move(end));
    return finish(std::move(op));
  }

  Raised pool() const {
    const bool max = source_.source_kind == "MaxPool";
    Operator op = make(source_.kind);
    window(op);
    keep(op, attr::kernel);
    const Ints dilations = get<Ints>(attr::dilations);
    if (std::any_of(dilations.begin(), dilations.end(), [](auto d) { return d != 1; }))
      return refuse("its window has gaps");
    if (op.outputs.size() > 1) {
      if (used(1)) return refuse("its places are asked for");
      op.outputs.resize(1);
    }
    if (!max && get<std::int64_t>("count_include_pad") != 0) set(op, attr::include_pad, true);
    return finish(std::move(op));
  }

  Raised global_pool() const {
    Ints axes;
    for (std::size_t i = 2; i < rank(); ++i) axes.push_back(static_cast<std::int64_t>(i));
    return reduce(source_.kind == Kind::MaxPool ? Kind::ReduceMax : Kind::ReduceMean, std::move(axes), true);
  }

  Raised normalization() const {
    if (get<std::int64_t>("training_mode") != 0 || get<std::int64_t>("spatial", 1) == 0) return refuse("it trains");
    Operator op = make(Kind::BatchNormalization);
    for (std::size_t i = 1; i < op.outputs.size(); ++i)
      if (op.outputs[i] >= 0) return refuse("it trains");
    op.outputs.resize(1);
    keep(op, attr::epsilon);
    return finish(std::move(op));
  }

  Raised split() const {
    const auto axis = graph::axis_of(get<std::int64_t>(attr::axis), rank());
    if (!axis) return refuse("it has no such axis");
    if (input(1) != nullptr) EDGESCOPE_CHECK(integers(1, "sizes"));
    Ints sizes;
    for (std::size_t i = 0; i < source_.outputs.size(); ++i)
      sizes.push_back(output(i) && output(i)->shape.dims.size() > *axis ? output(i)->shape.dims[*axis] : -1);
    Operator op = make(Kind::Split, 1);
    set(op, attr::axis, static_cast<std::int64_t>(*axis));
    set(op, attr::sizes, std::move(sizes));
    return finish(std::move(op));
  }

  Raised slice() const {
    Ints begin, end, axes, steps;
    if (source_.version < 10) {
      begin = get<Ints>("starts");
      end = get<Ints>("ends");
      axes = get<Ints>(attr::axes);
    } else {
      EDGESCOPE_TRY(starts, integers(1, "starts"));
      EDGESCOPE_TRY(ends, integers(2, "ends"));
      begin = starts;
      end = ends;
      if (input(3) != nullptr) {
        EDGESCOPE_TRY(given, integers(3, "axes"));
        axes = given;
      }
      if (input(4) != nullptr) {
        EDGESCOPE_TRY(given, integers(4, "steps"));
        steps = given;
      }
    }
    for (std::size_t i = axes.size(); i < begin.size(); ++i) axes.push_back(static_cast<std::int64_t>(i));
    if (steps.empty()) steps.resize(begin.size(), 1);
    if (end.size() != begin.size() || axes.size() != begin.size() || steps.size() != begin.size())
      return refuse("its lists are not of one length");
    std::vector<Range> ranges;
    for (std::int64_t size : dims()) ranges.push_back(bounded(0, size, 1, size));
    for (std::size_t i = 0; i < axes.size(); ++i) {
      const auto axis = graph::axis_of(axes[i], rank());
      if (!axis) return refuse("it has no such axis");
      ranges[*axis] = bounded(begin[i], end[i], steps[i], dims()[*axis]);
    }
    return strided(std::move(ranges));
  }

  Raised pad() const {
    const auto mode = get<std::string>(attr::mode, "constant");
    if (mode != "constant" && mode != "reflect") return refuse("it pads with what the data hold");
    Ints begin = get<Ints>(attr::pads_begin), end = get<Ints>(attr::pads_end);
    double value = get<double>(attr::value);
    if (source_.version >= 11) {
      EDGESCOPE_TRY(pads, integers(1, "pads"));
      if (input(3) != nullptr || pads.size() != 2 * rank()) return refuse("it does not pad all dimensions");
      begin.assign(pads.begin(), pads.begin() + static_cast<std::ptrdiff_t>(rank()));
      end.assign(pads.begin() + static_cast<std::ptrdiff_t>(rank()), pads.end());
      value = 0;
      if (input(2) != nullptr) {
        if (graph::is_float(input(2)->type)) {
          EDGESCOPE_TRY(given, real(2, "value"));
          value = given;
        } else if (const auto whole = integer(2, "value"); !whole || *whole != 0) {
          return refuse("it pads with a whole number");
        }
      }
    }
    const auto negative = [](const Ints& pads) {
      return std::any_of(pads.begin(), pads.end(), [](auto p) { return p < 0; });
    };
    if (negative(begin) || negative(end)) return refuse("it cuts");
    Operator op = make(mode == "reflect" ? Kind::MirrorPad : Kind::Pad, 1);
    set(op, attr::pads_begin, std::move(begin));
    set(op, attr::pads_end, std::move(end));
    if (mode == "reflect")
      set(op, attr::mode, mode);
    else if (value != 0)
      set(op, attr::value, value);
    return finish(std::move(op));
  }

  Raised gather() const {
    Operator op = make(Kind::Gather);
    keep(op, attr::axis);
    const auto indices = input(1) ? graph::integer_elements(*input(1)) : std::nullopt;
    if (source_.version >= 11 &&
        (!indices || std::any_of(indices->begin(), indices->end(), [](auto i) { return i < 0; })))
      set(op, attr::negative_indices, true);
    return finish(std::move(op));
  }

  Raised reduction() const {
    EDGESCOPE_TRY(axes, axes_or_none(source_.source_kind == "ReduceSum" ? 13 : 18));
    if (axes.empty()) {
      if (get<std::int64_t>("noop_with_empty_axes") != 0) return same(Kind::Identity);
      for (std::size_t i = 0; i < rank(); ++i) axes.push_back(static_cast<std::int64_t>(i));
    }
    return reduce(source_.kind, std::move(axes), get<bool>(attr::keep_dims, true));
  }

  // Those ways to place and round pixels that other formats have, too.
  Raised resize() const {
    const auto mode = get<std::string>(attr::mode, "nearest"),
               place = get<std::string>("coordinate_transformation_mode", "half_pixel"),
               rounded = get<std::string>("nearest_mode", "round_prefer_floor");
    const bool nearest = mode == "nearest", corners = place == "align_corners", centers = place == "half_pixel";
    if (rank() != 4 || (!nearest && mode != "linear")) return refuse(fmt::format("its mode is {}", mode));
    if (!corners && !centers && place != "asymmetric") return refuse(fmt::format("its pixels are placed {}", place));
    if (nearest && rounded != (corners || centers ? "round_prefer_ceil" : "floor"))
      return refuse(fmt::format("it rounds with {}", rounded));
    if (get<std::int64_t>("antialias") != 0 || has(attr::axes) ||
        get<std::string>("keep_aspect_ratio_policy", "stretch") != "stretch")
      return refuse("it smooths, or resizes along axes of its own");
    if (output() == nullptr || output()->shape.dims.size() != 4) return refuse("its result has no static shape");
    const Ints& made = output()->shape.dims;
    if (input(3) == nullptr) {
      // Places are computed with the scales that are given, which must be those of the sizes.
      const auto scales = input(2) ? graph::real_elements(*input(2)) : std::nullopt;
      if (!scales || scales->size() != 4) return refuse("its scales are no constant");
      for (std::size_t i = 0; i < 4; ++i)
        if ((*scales)[i] * static_cast<double>(dims()[i]) != static_cast<double>(made[i]))
          return refuse("its scales are not those of the sizes");
    } else {
      EDGESCOPE_CHECK(integers(3, "sizes"));
    }
    Operator op = make(nearest ? Kind::ResizeNearest : Kind::ResizeBilinear, 1);
    set(op, attr::sizes, Ints(made.begin() + 2, made.end()));
    set(op, attr::align_corners, corners);
    set(op, attr::half_pixel_centers, centers);
    return finish(std::move(op));
  }

  Raised top_k() const {
    std::int64_t k = get<std::int64_t>(attr::k);
    if (source_.version >= 10) {
      EDGESCOPE_TRY(given, integer(1, "k"));
      k = given;
    }
    if (get<std::int64_t>("largest", 1) == 0 || get<std::int64_t>("sorted", 1) == 0)
      return refuse("it does not give the largest in their order");
    Operator op = make(Kind::TopK, 1);
    keep(op, attr::axis);
    set(op, attr::k, k);
    set(op, attr::to, std::string("i64"));
    return finish(std::move(op));
  }
};

}  // namespace

base::Result<graph::Operator> raise(const graph::Model& model, const graph::Subgraph& graph,
                                    const graph::Operator& op) {
  return Raise(model, graph, op).run();
}

}  // namespace edgescope::format::onnx
