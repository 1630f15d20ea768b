#include "format/openvino/raise.h"

#include <algorithm>

#include "graph/infer.h"
#include "graph/raising.h"

namespace edgescope::format::openvino {
namespace {

namespace attr = graph::attr;
using graph::Attributes;
using graph::Kind;
using graph::Operator;
using Ints = std::vector<std::int64_t>;

bool all(const Ints& list, std::int64_t value) {
  return std::all_of(list.begin(), list.end(), [=](std::int64_t each) { return each == value; });
}

class Raiser : graph::Raising {
 public:
  explicit Raiser(graph::Subgraph& graph) : Raising(graph), graph_(graph) {}

  void run() {
    for (std::size_t i = 0; i < graph_.operators.size(); ++i)
      if (!graph_.operators[i].custom && is_static(graph_.operators[i])) raise(graph_.operators[i]);
  }

 private:
  static Ints list(const Operator& op, std::string_view name) { return graph::get<Ints>(op.attributes, name); }
  static std::string text(const Operator& op, std::string_view name) {
    return graph::get<std::string>(op.attributes, name);
  }

  // The attributes of these names that the operator has.
  static Attributes only(const Operator& op, std::initializer_list<std::string_view> names) {
    Attributes kept;
    for (const auto name : names)
      if (const auto* value = graph::find(op.attributes, name)) kept.emplace_back(name, *value);
    return kept;
  }
  static Attributes with(std::initializer_list<std::pair<std::string_view, graph::Attribute>> pairs) {
    Attributes attributes;
    for (const auto& [name, value] : pairs) attributes.emplace_back(name, value);
    return attributes;
  }

  void raise(Operator& op) {
    switch (op.kind) {
      case Kind::Add:
      case Kind::Subtract:
      case Kind::Multiply:
      case Kind::Divide:
      case Kind::Power:
      case Kind::Maximum:
      case Kind::Minimum:
      case Kind::FloorMod:
      case Kind::SquaredDifference:
      case Kind::Equal:
      case Kind::NotEqual:
      case Kind::Less:
      case Kind::LessEqual:
      case Kind::Greater:
      case Kind::GreaterEqual:
      case Kind::LogicalAnd:
      case Kind::LogicalOr:
      case Kind::LogicalXor:
        if (text(op, "auto_broadcast") != "pdpd" && op.inputs.size() == 2) set(op, op.kind, 2);
        return;
      case Kind::Select:
        if (text(op, "auto_broadcast") != "pdpd") set(op, op.kind, 3);
        return;
      case Kind::LogicalNot:
      case Kind::Relu:
      case Kind::Logistic:
      case Kind::Tanh:
      case Kind::HardSwish:
      case Kind::Exp:
      case Kind::Log:
      case Kind::Sqrt:
      case Kind::Abs:
      case Kind::Negate:
      case Kind::Sign:
      case Kind::Floor:
      case Kind::Ceil:
      case Kind::Sin:
      case Kind::Cos:
        return set(op, op.kind, 1);
      case Kind::Prelu:
        return set(op, op.kind, 2);
      case Kind::Round:
        if (text(op, "mode") != "half_away_from_zero") set(op, op.kind, 1);
        return;
      case Kind::Gelu:
        if (const auto mode = text(op, "approximation_mode"); mode.empty() || mode == "ERF" || mode == "erf")
          set(op, op.kind, 1);
        return;
      case Kind::Clamp:
        return set(op, op.kind, 1, only(op, {attr::min, attr::max}));
      case Kind::Elu:
        return set(op, op.kind, 1, only(op, {attr::alpha}));
      case Kind::Softmax:
      case Kind::LogSoftmax:
        return set(op, op.kind, 1, only(op, {attr::axis}));
      case Kind::Cast:
        return set(op, op.kind, 1, only(op, {attr::to}));
      case Kind::Matmul:
        if (input(op, 0)->shape.dims.size() > 1 && input(op, 1)->shape.dims.size() > 1)
          set(op, op.kind, 2, only(op, {attr::transpose_a, attr::transpose_b}));
        return;
      case Kind::Concatenation:
        return set(op, op.kind, op.inputs.size(), only(op, {attr::axis}));
      case Kind::GatherElements:
        return set(op, op.kind, 2, only(op, {attr::axis}));
      case Kind::Convolution:
      case Kind::GroupConvolution:
      case Kind::DepthwiseConvolution:
        return convolution(op);
      case Kind::AveragePool:
      case Kind::MaxPool:
        return pool(op);
      case Kind::Reshape:
        return set(op, op.kind, 1, with({{attr::shape, output_dims(op)}}));
      case Kind::Squeeze:
      case Kind::Unsqueeze:
        if (const auto axes = ints(op, 1)) return set(op, op.kind, 1, with({{attr::axes, *axes}}));
        return set(op, Kind::Reshape, 1, with({{attr::shape, output_dims(op)}}));
      case Kind::Transpose:
        if (auto order = ints(op, 1)) {
          if (order->empty())
            for (std::size_t i = input(op, 0)->shape.dims.size(); i-- > 0;)
              order->push_back(static_cast<std::int64_t>(i));
          set(op, op.kind, 1, with({{attr::permutation, *order}}));
        }
        return;
      case Kind::Split:
        return split(op);
      case Kind::StridedSlice:
        return strided_slice(op);
      case Kind::Slice:
        return slice(op);
      case Kind::Pad:
        return pad(op);
      case Kind::Tile:
        if (auto repeats = ints(op, 1); repeats && repeats->size() == input(op, 0)->shape.dims.size())
          set(op, op.kind, 1, with({{attr::repeats, *repeats}}));
        return;
      case Kind::Expand:
        if (const auto mode = text(op, "mode"); (mode.empty() || mode == "numpy") && op.inputs.size() == 2)
          set(op, op.kind, 1, with({{attr::shape, output_dims(op)}}));
        return;
      case Kind::Gather:
        if (const auto axis = ints(op, 2); axis && axis->size() == 1)
          set(op, op.kind, 2,
              with({{attr::axis, axis->front()},
                    {attr::batch_dims, graph::get<std::int64_t>(op.attributes, attr::batch_dims)}}));
        return;
      case Kind::ReduceMean:
      case Kind::ReduceSum:
      case Kind::ReduceMax:
      case Kind::ReduceMin:
      case Kind::ReduceProd:
      case Kind::ReduceAny:
      case Kind::ReduceAll:
      case Kind::ReduceL1:
      case Kind::ReduceL2:
        if (const auto axes = ints(op, 1))
          set(op, op.kind, 1,
              with({{attr::axes, *axes}, {attr::keep_dims, graph::get<bool>(op.attributes, attr::keep_dims)}}));
        return;
      case Kind::TopK:
        if (const auto k = ints(op, 1); k && k->size() == 1 && text(op, "mode") == "max" && text(op, "sort") == "value")
          set(op, op.kind, 1,
              with({{attr::axis, graph::get<std::int64_t>(op.attributes, attr::axis)},
                    {attr::k, k->front()},
                    {attr::to, std::string(element_type_name(tensor(op.outputs[1]).type))}}));
        return;
      default:
        return;
    }
  }

  static Attributes window(const Operator& op) {
    return only(op, {attr::kernel, attr::strides, attr::dilations, attr::padding, attr::pads_begin, attr::pads_end});
  }

  void convolution(Operator& op) {
    Attributes attributes = window(op);
    if (op.kind != Kind::Convolution) {
      Ints dims = input(op, 1)->shape.dims;
      if (dims.size() < 4) return;
      const std::int64_t groups = dims[0];
      dims[1] *= groups;
      dims.erase(dims.begin());
      const auto weights = reshaped(op.inputs[1], std::move(dims));
      if (!weights) return;
      op.inputs[1] = *weights;
      if (op.kind == Kind::GroupConvolution) {
        op.kind = Kind::Convolution;
        attributes.emplace_back(attr::groups, groups);
      }
    }
    set(op, op.kind, 2, std::move(attributes));
  }

  void pool(Operator& op) {
    const bool padded = !all(list(op, attr::pads_begin), 0) || !all(list(op, attr::pads_end), 0) ||
                        text(op, attr::padding).starts_with("same");
    const bool excluded = graph::get<bool>(op.attributes, "exclude-pad", true);
    if (text(op, "rounding_type") != "" && text(op, "rounding_type") != "floor") return;
    if (op.kind == Kind::AveragePool && padded && !excluded) return;
    if (!all(list(op, attr::dilations), 1)) return;
    // A maximum's place, where nobody asks for it.
    if (op.outputs.size() > 1) {
      if (used(op.outputs[1])) return;
      op.outputs.erase(op.outputs.begin() + 1, op.outputs.end());
    }
    Attributes attributes = window(op);
    std::erase_if(attributes, [](const auto& a) { return a.first == attr::dilations; });
    set(op, op.kind, 1, std::move(attributes));
  }

  bool used(int index) const {
    const auto in = [&](const std::vector<int>& where) {
      return std::find(where.begin(), where.end(), index) != where.end();
    };
    return in(graph_.outputs) || std::any_of(graph_.operators.begin(), graph_.operators.end(),
                                             [&](const Operator& op) { return in(op.inputs); });
  }

  void split(Operator& op) {
    const auto axis = ints(op, 1);
    if (!axis || axis->size() != 1) return;
    const auto place = graph::axis_of(axis->front(), input(op, 0)->shape.dims.size());
    if (!place) return;
    Ints sizes;
    for (std::size_t i = 0; i < op.outputs.size(); ++i) sizes.push_back(output_dims(op, i)[*place]);
    set(op, op.kind, 1, with({{attr::axis, axis->front()}, {attr::sizes, sizes}}));
  }

  void strided_slice(Operator& op) {
    for (const char* mask : {"new_axis_mask", "shrink_axis_mask", "ellipsis_mask"})
      if (!all(list(op, mask), 0) || graph::get<std::int64_t>(op.attributes, mask) != 0) return;
    const auto begin = ints(op, 1), end = ints(op, 2);
    auto strides = op.inputs.size() > 3 ? ints(op, 3) : Ints(begin ? begin->size() : 0, 1);
    if (!begin || !end || !strides) return;
    const auto mask = [&](const char* name, std::size_t i) {
      const Ints values = list(op, name);
      if (values.empty()) return graph::get<std::int64_t>(op.attributes, name) != 0;
      return i < values.size() && values[i] != 0;
    };
    const Ints dims = input(op, 0)->shape.dims;
    Ints from(dims.size(), 0), to = dims, by(dims.size(), 1);
    for (std::size_t i = 0; i < begin->size() && i < dims.size(); ++i) {
      if ((*strides)[i] <= 0) return;
      by[i] = (*strides)[i];
      if (!mask("begin_mask", i)) from[i] = (*begin)[i];
      if (!mask("end_mask", i)) to[i] = (*end)[i];
    }
    set(op, Kind::StridedSlice, 1, with({{attr::begin, from}, {attr::end, to}, {attr::strides, by}}));
  }

  // Slice of opset 8: start, stop, step, axes.
  void slice(Operator& op) {
    const auto start = ints(op, 1), stop = ints(op, 2), step = ints(op, 3);
    const Ints dims = input(op, 0)->shape.dims;
    std::optional<Ints> axes = op.inputs.size() > 4 ? ints(op, 4) : std::optional<Ints>(Ints{});
    if (!start || !stop || !step || !axes) return;
    if (axes->empty())
      for (std::size_t i = 0; i < start->size(); ++i) axes->push_back(static_cast<std::int64_t>(i));
    Ints from(dims.size(), 0), to = dims, by(dims.size(), 1);
    for (std::size_t i = 0; i < axes->size() && i < start->size(); ++i) {
      const auto place = graph::axis_of((*axes)[i], dims.size());
      if (!place || (*step)[i] <= 0) return;
      from[*place] = (*start)[i];
      to[*place] = std::min((*stop)[i], dims[*place]);
      by[*place] = (*step)[i];
    }
    set(op, Kind::StridedSlice, 1, with({{attr::begin, from}, {attr::end, to}, {attr::strides, by}}));
  }

  void pad(Operator& op) {
    const auto begin = ints(op, 1), end = ints(op, 2);
    if (!begin || !end || text(op, "pad_mode") != "constant") return;
    double value = 0;
    if (op.inputs.size() > 3) {
      const auto given = graph::number(*input(op, 3));
      if (!given) return;
      value = *given;
    }
    set(op, op.kind, 1, with({{attr::pads_begin, *begin}, {attr::pads_end, *end}, {attr::value, value}}));
  }

  graph::Subgraph& graph_;
};

}  // namespace

void raise(graph::Model& model) {
  for (graph::Subgraph& each : model.subgraphs) Raiser(each).run();
}

}  // namespace edgescope::format::openvino
