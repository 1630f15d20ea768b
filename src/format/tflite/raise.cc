#include "format/tflite/raise.h"

#include <fmt/format.h>

#include <algorithm>

#include "graph/elements.h"
#include "graph/raising.h"

namespace edgescope::format::tflite {
namespace {

namespace attr = graph::attr;
using graph::ElementType;
using graph::Kind;
using graph::Operator;

// Builtin operators whose inputs are those of the canonical form, and the attributes that they share with it.
struct Row {
  std::string_view name;
  std::string_view attribute = {}, another = {};
};
constexpr Row kRows[] = {{"ADD", attr::activation},
                         {"SUB", attr::activation},
                         {"MUL", attr::activation},
                         {"DIV", attr::activation},
                         {"POW"},
                         {"MAXIMUM"},
                         {"MINIMUM"},
                         {"FLOOR_DIV"},
                         {"FLOOR_MOD"},
                         {"SQUARED_DIFFERENCE"},
                         {"EQUAL"},
                         {"NOT_EQUAL"},
                         {"LESS"},
                         {"LESS_EQUAL"},
                         {"GREATER"},
                         {"GREATER_EQUAL"},
                         {"LOGICAL_AND"},
                         {"LOGICAL_OR"},
                         {"LOGICAL_NOT"},
                         {"RELU"},
                         {"RELU6"},
                         {"RELU_N1_TO_1"},
                         {"RELU_0_TO_1"},
                         {"PRELU"},
                         {"LEAKY_RELU", attr::alpha},
                         {"ELU"},
                         {"LOGISTIC"},
                         {"TANH"},
                         {"HARD_SWISH"},
                         {"GELU", attr::approximate},
                         {"SOFTMAX", attr::beta},
                         {"LOG_SOFTMAX"},
                         {"EXP"},
                         {"LOG"},
                         {"SQRT"},
                         {"RSQRT"},
                         {"SQUARE"},
                         {"ABS"},
                         {"NEG"},
                         {"SIGN"},
                         {"FLOOR"},
                         {"CEIL"},
                         {"ROUND"},
                         {"SIN"},
                         {"COS"},
                         {"SELECT_V2"},
                         {"DEQUANTIZE"},
                         {"CONCATENATION", attr::axis, attr::activation},
                         {"PACK", attr::axis},
                         {"UNPACK", attr::axis},
                         {"GATHER", attr::axis, attr::batch_dims},
                         {"DEPTH_TO_SPACE", attr::block_size},
                         {"SPACE_TO_DEPTH", attr::block_size}};

class Raise : public graph::Raising {
 public:
  using Raising::Raising;

  Raised run() const {
    const std::string_view name = source_.source_kind;
    if (source_.custom || source_.kind == Kind::Unknown) return refuse("its meaning is not known");
    if (const auto why = beyond(); !why.empty()) return refuse(std::string(why));
    const auto* row = std::find_if(std::begin(kRows), std::end(kRows), [&](const Row& r) { return r.name == name; });
    if (row != std::end(kRows)) {
      Operator op = make(source_.kind);
      for (std::string_view each : {row->attribute, row->another})
        if (!each.empty()) keep(op, each);
      return finish(std::move(op));
    }
    if (name == "SELECT") {
      // One condition a row is a broadcast of its own.
      if (dims(0) != dims(1) || dims(1) != dims(2)) return refuse("its inputs are not of one shape");
      return same(Kind::Select);
    }
    if (name == "CAST" || name == "QUANTIZE") return to_type();
    if (name == "FULLY_CONNECTED") return fully_connected();
    if (name == "BATCH_MATMUL") return matmul();
    if (name == "CONV_2D" || name == "DEPTHWISE_CONV_2D") return convolution();
    if (name == "TRANSPOSE_CONV") return transposed_convolution();
    if (name == "AVERAGE_POOL_2D" || name == "MAX_POOL_2D") return pool();
    if (name == "RESHAPE") {
      if (input(1) != nullptr && !input(1)->constant) return refuse("its shape is no constant");
      return reshape();
    }
    if (name == "SQUEEZE") return squeeze(get<Ints>(attr::axes));
    if (name == "EXPAND_DIMS") {
      EDGESCOPE_TRY(axes, integers(1, "axis"));
      return unsqueeze(axes);
    }
    if (name == "TRANSPOSE") {
      EDGESCOPE_TRY(order, integers(1, "order"));
      return transpose(order);
    }
    if (name == "BROADCAST_TO") {
      if (input(1) == nullptr || !input(1)->constant) return refuse("its shape is no constant");
      return reshape(Kind::Expand);
    }
    if (name == "SPLIT" || name == "SPLIT_V") return split();
    if (name == "SLICE") return slice();
    if (name == "STRIDED_SLICE") return strided_slice();
    if (name == "PAD" || name == "PADV2") return pad();
    if (name == "MIRROR_PAD") return mirror_pad();
    if (name == "CUMSUM") {
      EDGESCOPE_TRY(axis, integer(1, "axis"));
      Operator op = make(Kind::Cumsum, 1);
      set(op, attr::axis, axis);
      keep(op, attr::exclusive);
      keep(op, attr::reverse);
      return finish(std::move(op));
    }
    if (name == "LOCAL_RESPONSE_NORMALIZATION") {
      // Of the sum, where others say it of the mean.
      Operator op = make(Kind::LocalResponseNormalization);
      const std::int64_t size = 2 * get<std::int64_t>("radius") + 1;
      set(op, attr::size, size);
      set(op, attr::alpha, get<double>(attr::alpha) * static_cast<double>(size));
      keep(op, attr::beta);
      keep(op, attr::bias);
      return finish(std::move(op));
    }
    if (name == "TILE") {
      EDGESCOPE_TRY(repeats, integers(1, "repeats"));
      Operator op = make(Kind::Tile, 1);
      set(op, attr::repeats, repeats);
      return finish(std::move(op));
    }
    if (name == "MEAN" || name == "SUM" || name.starts_with("REDUCE_")) {
      if (source_.kind == Kind::ReduceWindow) return refuse("it is not told");
      EDGESCOPE_TRY(axes, integers(1, "axes"));
      return reduce(source_.kind, axes, get<bool>(attr::keep_dims));
    }
    if (name == "ARG_MAX" || name == "ARG_MIN") {
      EDGESCOPE_TRY(axis, integer(1, "axis"));
      Operator op = make(source_.kind, 1);
      set(op, attr::axis, axis);
      if (output()) set(op, attr::to, std::string(element_type_name(output()->type)));
      return finish(std::move(op));
    }
    if (name == "TOPK_V2") {
      EDGESCOPE_TRY(k, integer(1, "k"));
      Operator op = make(Kind::TopK, 1);
      set(op, attr::axis, std::int64_t{-1});
      set(op, attr::k, k);
      if (output(1)) set(op, attr::to, std::string(element_type_name(output(1)->type)));
      return finish(std::move(op));
    }
    if (name == "RESIZE_BILINEAR" || name == "RESIZE_NEAREST_NEIGHBOR") {
      EDGESCOPE_TRY(sizes, integers(1, "size"));
      Operator op = make(source_.kind, 1);
      set(op, attr::sizes, sizes);
      keep(op, attr::align_corners);
      keep(op, attr::half_pixel_centers);
      return finish(std::move(op));
    }
    return refuse("there is none for it yet");
  }

 private:
  // What options say that the canonical form has no words for.
  std::string_view beyond() const {
    const bool hybrid = input(0) && input(1) && graph::is_float(input(0)->type) && input(1)->type == ElementType::Int8;
    if (hybrid) return "its weights are quantised where its data are not";
    if (get<std::string>("weights_format", "DEFAULT") != "DEFAULT") return "its weights are shuffled";
    for (std::size_t i = 0; i < source_.inputs.size(); ++i)
      if (input(i) && input(i)->sparse) return "its weights are sparse";
    const bool wide = input(0) && input(0)->type == ElementType::Int16;
    if (wide && !get<bool>("pot_scale_int16", true)) return "its 16-bit scales are no powers of two";
    return {};
  }

  Raised to_type() const {
    Operator op = make(source_.kind);
    if (output()) set(op, attr::to, std::string(element_type_name(output()->type)));
    return finish(std::move(op));
  }

  Raised fully_connected() const {
    Operator op = make(Kind::FullyConnected);
    keep(op, attr::activation);
    if (!get<bool>("keep_num_dims") && rank() != 2) set(op, attr::keep_dims, false);
    return finish(std::move(op));
  }

  Raised matmul() const {
    Operator op = make(Kind::Matmul);
    keep(op, attr::transpose_a);
    keep(op, attr::transpose_b);
    return finish(std::move(op));
  }

  Raised convolution() const {
    Operator op = make(source_.kind);
    for (auto name : {attr::padding, attr::strides, attr::dilations, attr::activation}) keep(op, name);
    if (rank(1) == 4 && rank(0) == 4 && op.kind == Kind::Convolution && dims(1)[3] > 0 && dims(0)[3] != dims(1)[3])
      set(op, attr::groups, dims(0)[3] / dims(1)[3]);
    return finish(std::move(op));
  }

  // The result's shape is given; kernels cut what is too much as a convolution back to the data would pad it.
  Raised transposed_convolution() const {
    if (input(0) == nullptr || !input(0)->constant) return refuse("its shape is no constant");
    if (rank(1) != 4 || rank(2) != 4 || output() == nullptr || output()->shape.dims.size() != 4)
      return refuse("it does not have two spatial dimensions");
    Operator op = make(Kind::TransposedConvolution);
    op.inputs = {source_.inputs[2], source_.inputs[1]};
    if (source_.inputs.size() > 3) op.inputs.push_back(source_.inputs[3]);
    const Ints strides = get<Ints>(attr::strides);
    if (strides.size() != 2 || strides[0] < 1 || strides[1] < 1) return refuse("it does not have two strides");
    const bool same = get<std::string>(attr::padding) == "same";
    Ints begin, end, more;
    for (std::size_t i = 0; i < 2; ++i) {
      const std::int64_t kernel = dims(1)[i + 1], made = output()->shape.dims[i + 1];
      const std::int64_t back = (made + strides[i] - 1) / strides[i];
      begin.push_back(same ? std::max<std::int64_t>(0, (back - 1) * strides[i] + kernel - made) / 2 : 0);
      const std::int64_t left = (dims(2)[i + 1] - 1) * strides[i] + kernel - made - begin[i];
      end.push_back(std::max<std::int64_t>(left, 0));
      more.push_back(std::max<std::int64_t>(-left, 0));
    }
    set(op, attr::strides, strides);
    set(op, attr::pads_begin, std::move(begin));
    set(op, attr::pads_end, std::move(end));
    set(op, attr::output_padding, std::move(more));
    keep(op, attr::activation);
    return finish(std::move(op));
  }

  Raised pool() const {
    Operator op = make(source_.kind);
    for (auto name : {attr::kernel, attr::padding, attr::strides, attr::activation}) keep(op, name);
    return finish(std::move(op));
  }

  Raised split() const {
    const bool even = source_.source_kind == "SPLIT";
    EDGESCOPE_TRY(along, integer(even ? 0 : 2, "axis"));
    Operator op = make(Kind::Split);
    op.inputs = {source_.inputs[even ? 1 : 0]};
    const auto axis = graph::axis_of(along, rank(even ? 1 : 0));
    if (!axis) return refuse("it has no such axis");
    Ints sizes;
    for (std::size_t i = 0; i < source_.outputs.size(); ++i)
      sizes.push_back(output(i) && output(i)->shape.dims.size() > *axis ? output(i)->shape.dims[*axis] : -1);
    if (!even && !integers(1, "sizes")) return refuse("its sizes are no constant");
    set(op, attr::axis, static_cast<std::int64_t>(*axis));
    set(op, attr::sizes, std::move(sizes));
    return finish(std::move(op));
  }

  Raised slice() const {
    EDGESCOPE_TRY(begin, integers(1, "begin"));
    EDGESCOPE_TRY(sizes, integers(2, "size"));
    if (begin.size() != rank() || sizes.size() != rank()) return refuse("it is not of the data's rank");
    for (std::size_t i = 0; i < rank(); ++i) {
      if (sizes[i] < 0) sizes[i] = dims()[i] - begin[i];
      if (begin[i] < 0 || sizes[i] < 0 || begin[i] + sizes[i] > dims()[i]) return refuse("it reaches beyond the data");
    }
    Operator op = make(Kind::Slice, 1);
    set(op, attr::begin, std::move(begin));
    set(op, attr::sizes, std::move(sizes));
    return finish(std::move(op));
  }

  Raised strided_slice() const {
    EDGESCOPE_TRY(begin, integers(1, "begin"));
    EDGESCOPE_TRY(end, integers(2, "end"));
    EDGESCOPE_TRY(strides, integers(3, "strides"));
    const auto mask = [&](std::string_view name, std::size_t i) { return (get<std::int64_t>(name) >> i & 1) != 0; };
    if (get<std::int64_t>("ellipsis_mask") != 0 || get<std::int64_t>("new_axis_mask") != 0 || get<bool>("offset"))
      return refuse("it has an ellipsis, new dimensions or an end that is an offset");
    if (begin.size() > rank() || end.size() != begin.size() || strides.size() != begin.size())
      return refuse("its lists are not of the data's rank");
    std::vector<Range> ranges;
    for (std::size_t i = 0; i < rank(); ++i) {
      const std::int64_t size = dims()[i];
      if (i >= begin.size()) {
        ranges.push_back(bounded(0, size, 1, size));
      } else if (mask("shrink_axis_mask", i)) {
        const std::int64_t at = begin[i] < 0 ? begin[i] + size : begin[i];
        if (at < 0 || at >= size) return refuse("it reaches beyond the data");
        ranges.push_back({.begin = at, .end = at + 1, .squeeze = true});
      } else {
        ranges.push_back(
            bounded(mask("begin_mask", i) ? 0 : begin[i], mask("end_mask", i) ? size : end[i], strides[i], size));
      }
    }
    return strided(std::move(ranges));
  }

  Raised mirror_pad() const {
    EDGESCOPE_TRY(pairs, integers(1, "paddings"));
    if (pairs.size() != 2 * rank()) return refuse("it is not of the data's rank");
    Ints begin, end;
    for (std::size_t i = 0; i < rank(); ++i) {
      begin.push_back(pairs[2 * i]);
      end.push_back(pairs[2 * i + 1]);
    }
    Operator op = make(Kind::MirrorPad, 1);
    set(op, attr::pads_begin, std::move(begin));
    set(op, attr::pads_end, std::move(end));
    set(op, attr::mode, std::string(get<std::string>(attr::mode) == "SYMMETRIC" ? "symmetric" : "reflect"));
    return finish(std::move(op));
  }

  Raised pad() const {
    EDGESCOPE_TRY(pairs, integers(1, "paddings"));
    if (pairs.size() != 2 * rank()) return refuse("it is not of the data's rank");
    Ints begin, end;
    for (std::size_t i = 0; i < rank(); ++i) {
      begin.push_back(pairs[2 * i]);
      end.push_back(pairs[2 * i + 1]);
    }
    Operator op = make(Kind::Pad, 1);
    set(op, attr::pads_begin, std::move(begin));
    set(op, attr::pads_end, std::move(end));
    if (input(2) != nullptr) {
      if (!graph::is_float(input(2)->type)) return refuse("it pads with a whole number");
      EDGESCOPE_TRY(value, real(2, "value"));
      set(op, attr::value, value);
    }
    return finish(std::move(op));
  }
};

}  // namespace

base::Result<graph::Operator> raise(const graph::Model& model, const graph::Subgraph& graph,
                                    const graph::Operator& op) {
  return Raise(model, graph, op).run();
}

}  // namespace edgescope::format::tflite
