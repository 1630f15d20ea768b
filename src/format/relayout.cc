#include "format/relayout.h"

#include <algorithm>
#include <map>
#include <numeric>

#include "graph/canonical.h"
#include "graph/evaluate.h"
#include "graph/infer.h"
#include "graph/uses.h"

namespace edgescope::format {
namespace {

namespace attr = graph::attr;
using graph::Kind;
using graph::Operator;
using Ints = std::vector<std::int64_t>;

Ints identity(std::size_t rank) {
  Ints order(rank);
  std::iota(order.begin(), order.end(), 0);
  return order;
}

// First `inner`, then `outer`: what transposing twice comes to.
Ints composed(const Ints& inner, const Ints& outer) {
  Ints order;
  for (std::int64_t each : outer) order.push_back(inner[static_cast<std::size_t>(each)]);
  return order;
}

Ints inverse(const Ints& order) {
  Ints result(order.size());
  for (std::size_t i = 0; i < order.size(); ++i)
    result[static_cast<std::size_t>(order[i])] = static_cast<std::int64_t>(i);
  return result;
}

// Whether only dimensions of size 1 change places, so that the elements stay in their order.
bool keeps_order(const Ints& dims, const Ints& order) {
  std::int64_t last = -1;
  for (std::int64_t each : order) {
    if (dims[static_cast<std::size_t>(each)] == 1) continue;
    if (each < last) return false;
    last = each;
  }
  return true;
}

enum class Care {
  Spatial,    // knows the channel
  None,       // one element at a time
  Axis,       // along dimensions that attributes name
  Elements,   // takes the elements in their order, whatever the dimensions
  Transpose,  //
  Natural     // all others
};

Care care_of(const Operator& op) {
  switch (op.kind) {
    case Kind::Convolution:
    case Kind::DepthwiseConvolution:
    case Kind::TransposedConvolution:
    case Kind::AveragePool:
    case Kind::MaxPool:
    case Kind::DepthToSpace:
    case Kind::SpaceToDepth:
    case Kind::ResizeNearest:
    case Kind::ResizeBilinear:
    case Kind::BatchNormalization:
    case Kind::LocalResponseNormalization:
      return Care::Spatial;
    case Kind::Concatenation:
    case Kind::Split:
    case Kind::Pad:
    case Kind::MirrorPad:
    case Kind::Cumsum:
    case Kind::Slice:
    case Kind::Softmax:
    case Kind::LogSoftmax:
    case Kind::Tile:
    case Kind::ReduceMean:
    case Kind::ReduceSum:
    case Kind::ReduceMax:
    case Kind::ReduceMin:
    case Kind::ReduceProd:
    case Kind::ReduceAny:
    case Kind::ReduceAll:
    case Kind::ReduceL1:
    case Kind::ReduceL2:
      return Care::Axis;
    case Kind::StridedSlice:
      return graph::find(op.attributes, attr::squeeze) == nullptr ? Care::Axis : Care::Natural;
    case Kind::Reshape:
    case Kind::Squeeze:
    case Kind::Unsqueeze:
      return Care::Elements;
    case Kind::Transpose:
      return Care::Transpose;
    case Kind::FullyConnected:
    case Kind::Matmul:
    case Kind::Gather:
    case Kind::GatherElements:
    case Kind::Pack:
    case Kind::Unpack:
    case Kind::Expand:
    case Kind::ArgMax:
    case Kind::ArgMin:
    case Kind::TopK:
      return Care::Natural;
    default:
      return Care::None;
  }
}

class Relayout {
 public:
  Relayout(graph::Model& model, graph::Subgraph& graph, graph::Layout layout, bool softmax_last)
      : model_(model),
        graph_(graph),
        turns_(layout != model.layout),
        to_last_(layout == graph::Layout::ChannelsLast),
        softmax_last_(softmax_last),
        held_(graph.tensors.size()) {}

  int run() {
    for (std::size_t i = 0; i < held_.size(); ++i)
      if (graph_.tensors[i].constant) hold(static_cast<int>(i));
    for (int each : graph_.inputs) hold(each);
    for (int at : graph::execution_order(graph_)) place(std::move(graph_.operators[static_cast<std::size_t>(at)]));
    for (int each : graph_.outputs) finish(each);
    graph_.operators = std::move(operators_);
    prune();
    return transposes_;
  }

 private:
  // The source's tensor is this one, transposed so; and further forms of it that were asked for.
  struct Held {
    int tensor = -1;
    Ints order;
    std::map<Ints, int> forms;
  };

  void hold(int tensor) { held_[index(tensor)] = {.tensor = tensor, .order = identity(dims(tensor).size())}; }
  static std::size_t index(int tensor) { return static_cast<std::size_t>(tensor); }
  const graph::Tensor& at(int tensor) const { return graph_.tensors[index(tensor)]; }
  const Ints& dims(int tensor) const { return at(tensor).shape.dims; }

  // From the source's layout to the other.
  Ints turned(std::size_t rank) const {
    Ints order = identity(rank);
    if (!turns_ || rank < 3) return order;
    if (to_last_)
      std::rotate(order.begin() + 1, order.begin() + 2, order.end());
    else
      std::rotate(order.begin() + 1, order.end() - 1, order.end());
    return order;
  }

  int add(graph::Tensor tensor) {
    graph_.tensors.push_back(std::move(tensor));
    return static_cast<int>(graph_.tensors.size()) - 1;
  }

  // A tensor like `like`, of these dimensions.
  int like(int tensor, Ints shape, std::string_view suffix) {
    graph::Tensor copy = at(tensor);
    copy.shape = {.dims = std::move(shape)};
    copy.name += suffix;
    copy.constant = false;
    copy.data = {};
    return add(std::move(copy));
  }

  static Ints permuted(const Ints& list, const Ints& order) { return composed(list, order); }

  // Whether the tensor in this form costs nothing.
  bool at_hand(int tensor, const Ints& form) const {
    const Held& held = held_[index(tensor)];
    const Ints order = composed(held.order, form);
    return at(held.tensor).constant || order == identity(order.size()) || held.forms.contains(form) ||
           keeps_order(dims(held.tensor), order);
  }

  // The source's tensor, transposed by `form`.
  int get(int tensor, const Ints& form) {
    const Held& held = held_[index(tensor)];
    const Ints order = composed(held.order, form);
    if (order == identity(order.size())) return held.tensor;
    if (const auto found = held.forms.find(form); found != held.forms.end()) return found->second;
    const int base = held.tensor;
    const int into = form == identity(form.size()) ? tensor : -1;
    const int made = at(base).constant ? constant(base, order) : transpose(base, order, into);
    held_[index(tensor)].forms.emplace(form, made);
    return made;
  }

  int transpose(int base, const Ints& order, int into) {
    const int made = into >= 0 ? into : like(base, permuted(dims(base), order), "/turned");
    Operator op{.kind = Kind::Transpose, .name = at(made).name, .inputs = {base}, .outputs = {made}};
    if (keeps_order(dims(base), order)) {
      op.kind = Kind::Reshape;
      op.attributes = {{std::string(attr::shape), dims(made)}};
    } else {
      op.attributes = {{std::string(attr::permutation), order}};
      ++transposes_;
    }
    operators_.push_back(std::move(op));
    return made;
  }

  // A constant's elements in another order; one that is not known element by element is left to an operator.
  int constant(int base, const Ints& order) {
    const auto value = graph::value_of(at(base));
    if (!value) return transpose(base, order, -1);
    const graph::Value* input = &*value;
    const Operator op{.kind = Kind::Transpose, .attributes = {{std::string(attr::permutation), order}}};
    auto made = graph::evaluate(op, std::span(&input, 1), model_.layout);
    if (!made) return transpose(base, order, -1);
    return constant(base, std::move(made->front().data), made->front().dims);
  }

  int constant(int base, std::vector<std::byte> data, Ints shape) {
    graph::Tensor copy = at(base);
    model_.owned.push_back(std::make_shared<const std::vector<std::byte>>(std::move(data)));
    copy.data = *model_.owned.back();
    copy.encoding = graph::Encoding::Raw;
    copy.shape = {.dims = std::move(shape)};
    copy.name += "/turned";
    return add(std::move(copy));
  }

  // The result of an operator that made it in this form.
  int made_as(int tensor, const Ints& form) {
    if (form == identity(form.size())) {
      hold(tensor);
      return tensor;
    }
    const int made = like(tensor, permuted(dims(tensor), form), "/turned");
    held_[index(tensor)] = {.tensor = made, .order = inverse(form)};
    return made;
  }

  void emit(Operator op, const Ints& form) {
    for (int& each : op.outputs)
      if (each >= 0) each = made_as(each, form);
    operators_.push_back(std::move(op));
  }

  void place(Operator op) {
    switch (care_of(op)) {
      case Care::Spatial:
        return spatial(std::move(op));
      case Care::None:
        return element_wise(std::move(op));
      case Care::Axis:
        return along_axes(std::move(op));
      case Care::Elements:
        return elements(std::move(op));
      case Care::Transpose: {
        // Nothing is done until somebody asks for it.
        Held& from = held_[index(op.inputs[0])];
        held_[index(op.outputs[0])] = {
            .tensor = from.tensor, .order = composed(from.order, graph::get<Ints>(op.attributes, attr::permutation))};
        return;
      }
      case Care::Natural:
        return natural(std::move(op));
    }
  }

  void natural(Operator op) {
    for (int& each : op.inputs)
      if (each >= 0) each = get(each, identity(dims(each).size()));
    for (int each : op.outputs)
      if (each >= 0) hold(each);
    operators_.push_back(std::move(op));
  }

  void spatial(Operator op) {
    const std::size_t rank = dims(op.inputs[0]).size();
    const Ints form = turned(rank);
    op.inputs[0] = get(op.inputs[0], form);
    for (std::size_t i = 1; i < op.inputs.size(); ++i) {
      const int each = op.inputs[i];
      if (each < 0) continue;
      const bool weights = i == 1 && dims(each).size() >= rank && op.kind != Kind::BatchNormalization;
      op.inputs[i] = weights && turns_ ? this->weights(op, each) : get(each, identity(dims(each).size()));
    }
    emit(std::move(op), form);
  }

  // [out, in, spatial...] with channels first, [out, spatial..., in] with channels last; of a depthwise convolution
  // [out, 1, spatial...] and [1, spatial..., out]; of a transposed one [in, out, spatial...] and [out, spatial..., in].
  int weights(const Operator& op, int tensor) {
    const std::size_t rank = dims(tensor).size();
    Ints order = turned(rank);
    if (op.kind == Kind::DepthwiseConvolution || op.kind == Kind::TransposedConvolution) {
      order = identity(rank);
      if (to_last_)
        std::rotate(order.begin(), order.begin() + 1, order.end());  // [1, spatial..., out]
      else
        std::rotate(order.begin(), order.end() - 1, order.end());  // [out, 1, spatial...]
    }
    return get(tensor, order);
  }

  // Whether the inputs are cheaper to have in the other layout.
  bool prefers_turned(const Operator& op, std::size_t rank) const {
    int natural = 0, other = 0;
    for (int each : op.inputs) {
      if (each < 0 || dims(each).size() != rank || at(held_[index(each)].tensor).constant) continue;
      natural += at_hand(each, identity(rank)) ? 0 : 1;
      other += at_hand(each, turned(rank)) ? 0 : 1;
    }
    return other < natural;
  }

  void element_wise(Operator op) {
    std::size_t rank = 0;
    for (int each : op.inputs)
      if (each >= 0) rank = std::max(rank, dims(each).size());
    if (op.outputs.empty() || rank < 3 || !turns_ || !prefers_turned(op, rank)) return natural(std::move(op));
    const Ints form = turned(rank);
    for (int& each : op.inputs)
      if (each >= 0) each = broadcast(each, form);
    emit(std::move(op), form);
  }

  // An operand that broadcasting would put to the last dimensions.
  int broadcast(int tensor, const Ints& form) {
    const Ints shape = dims(tensor);
    if (shape.size() == form.size()) return get(tensor, form);
    const int base = get(tensor, identity(shape.size()));
    if (graph::Shape{.dims = shape}.elements() == 1u) return base;
    Ints whole(form.size() - shape.size(), 1);
    whole.insert(whole.end(), shape.begin(), shape.end());
    int spread = -1;
    const auto value = at(base).constant ? graph::value_of(at(base)) : std::nullopt;
    if (value) {
      spread = constant(base, value->data, whole);
    } else {
      spread = like(base, whole, "/spread");
      operators_.push_back({.kind = Kind::Reshape,
                            .name = at(spread).name,
                            .inputs = {base},
                            .outputs = {spread},
                            .attributes = {{std::string(attr::shape), whole}}});
    }
    if (form == identity(form.size())) return spread;
    return at(spread).constant ? constant(spread, form) : transpose(spread, form, -1);
  }

  void along_axes(Operator op) {
    const std::size_t rank = dims(op.inputs[0]).size();
    Ints form = identity(rank);
    if (turns_ && rank >= 3 && prefers_turned(op, rank)) form = turned(rank);
    const bool softmax = op.kind == Kind::Softmax || op.kind == Kind::LogSoftmax;
    if (softmax && graph::find(op.attributes, attr::axis) == nullptr)
      op.attributes.emplace_back(attr::axis, std::int64_t{-1});
    if (softmax && softmax_last_) form = axis_last(op, form);
    if (form == identity(rank)) return natural(std::move(op));
    const Ints place = inverse(form);
    const auto mapped = [&](std::int64_t axis) { return place[graph::axis_of(axis, rank).value_or(0)]; };
    const bool reduces = graph::find(op.attributes, attr::axes) != nullptr;
    for (auto& [name, value] : op.attributes) {
      if (name == attr::axis) {
        if (auto* axis = std::get_if<std::int64_t>(&value)) *axis = mapped(*axis);
      } else if (auto* list = std::get_if<Ints>(&value)) {
        if (name == attr::axes)
          for (std::int64_t& each : *list) each = mapped(each);
        else if (list->size() == rank && name != attr::sizes)
          *list = permuted(*list, form);
        else if (list->size() == rank && op.kind == Kind::Slice)
          *list = permuted(*list, form);
      }
    }
    if (reduces && !graph::get<bool>(op.attributes, attr::keep_dims)) {
      // The dimensions that remain, in the order in which they would be.
      const Ints gone = graph::get<Ints>(op.attributes, attr::axes);
      Ints remain;
      for (std::size_t i = 0; i < rank; ++i)
        if (std::find(gone.begin(), gone.end(), static_cast<std::int64_t>(i)) == gone.end()) remain.push_back(form[i]);
      Ints sorted = remain, order;
      std::sort(sorted.begin(), sorted.end());
      for (std::int64_t each : remain) order.push_back(std::find(sorted.begin(), sorted.end(), each) - sorted.begin());
      op.inputs[0] = get(op.inputs[0], form);
      return emit(std::move(op), order);
    }
    for (int& each : op.inputs) each = get(each, form);
    emit(std::move(op), form);
  }

  // The form in which the axis is the last: of the given and the other, else a form of its own.
  Ints axis_last(const Operator& op, const Ints& form) const {
    const std::size_t rank = form.size();
    const auto axis = static_cast<std::int64_t>(
        graph::axis_of(graph::get<std::int64_t>(op.attributes, attr::axis, -1), rank).value_or(rank - 1));
    if (rank == 0) return form;
    for (const Ints& each : {form, identity(rank), turned(rank)})
      if (each.back() == axis) return each;
    Ints own = identity(rank);
    own.erase(own.begin() + static_cast<std::ptrdiff_t>(axis));
    own.push_back(axis);
    return own;
  }

  // Of a tensor whose elements are in the right order already, whatever its dimensions.
  void elements(Operator op) {
    const Held& held = held_[index(op.inputs[0])];
    const Ints order = held.order;
    const int base = held.tensor;
    if (order == identity(order.size()) || !keeps_order(dims(base), order)) return natural(std::move(op));
    op.kind = Kind::Reshape;
    op.inputs = {base};
    op.attributes = {{std::string(attr::shape), dims(op.outputs[0])}};
    hold(op.outputs[0]);
    operators_.push_back(std::move(op));
  }

  // An output is the tensor of its name.
  void finish(int tensor) {
    const Ints form = identity(dims(tensor).size());
    const int have = get(tensor, form);
    if (have == tensor) return;
    operators_.push_back({.kind = Kind::Identity, .name = at(tensor).name, .inputs = {have}, .outputs = {tensor}});
  }

  // Operators whose results nobody reads, and tensors that nothing names any more; a turned tensor that stands for
  // one that is gone takes its name.
  void prune() {
    std::vector<bool> read(graph_.tensors.size(), false);
    for (int each : graph_.outputs) read[index(each)] = true;
    std::vector<Operator> kept;
    for (std::size_t i = graph_.operators.size(); i-- > 0;) {
      Operator& op = graph_.operators[i];
      if (std::none_of(op.outputs.begin(), op.outputs.end(), [&](int t) { return t >= 0 && read[index(t)]; })) continue;
      for (int each : op.inputs)
        if (each >= 0) read[index(each)] = true;
      kept.push_back(std::move(op));
    }
    std::reverse(kept.begin(), kept.end());
    graph_.operators = std::move(kept);
    std::vector<bool> named = read;
    for (int each : graph_.inputs) named[index(each)] = true;
    for (const Operator& op : graph_.operators)
      for (int each : op.outputs)
        if (each >= 0) named[index(each)] = true;
    for (std::size_t i = 0; i < held_.size(); ++i)
      if (!named[i] && held_[i].tensor >= static_cast<int>(held_.size()) && named[index(held_[i].tensor)])
        graph_.tensors[index(held_[i].tensor)].name = graph_.tensors[i].name;
    std::vector<int> renumbered(graph_.tensors.size(), -1);
    std::vector<graph::Tensor> tensors;
    for (std::size_t i = 0; i < graph_.tensors.size(); ++i)
      if (named[i]) {
        renumbered[i] = static_cast<int>(tensors.size());
        tensors.push_back(std::move(graph_.tensors[i]));
      }
    graph_.tensors = std::move(tensors);
    const auto renumber = [&](std::vector<int>& list) {
      for (int& each : list)
        if (each >= 0) each = renumbered[index(each)];
    };
    renumber(graph_.inputs);
    renumber(graph_.outputs);
    for (Operator& op : graph_.operators) {
      renumber(op.inputs);
      renumber(op.outputs);
    }
  }

  graph::Model& model_;
  graph::Subgraph& graph_;
  bool turns_, to_last_, softmax_last_;
  std::vector<Held> held_;
  std::vector<Operator> operators_;
  int transposes_ = 0;
};

}  // namespace

int relayout(graph::Model& model, graph::Subgraph& graph, graph::Layout layout, bool softmax_last) {
  return Relayout(model, graph, layout, softmax_last).run();
}

}  // namespace edgescope::format
