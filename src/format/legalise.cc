#include "format/legalise.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "graph/canonical.h"
#include "graph/elements.h"
#include "graph/evaluate.h"
#include "graph/infer.h"

namespace edgescope::format {
namespace {

namespace attr = graph::attr;
using graph::ElementType;
using graph::Kind;
using graph::Operator;
using Ints = std::vector<std::int64_t>;

class Legalise {
 public:
  Legalise(graph::Model& model, graph::Subgraph& graph, const Destination& destination)
      : model_(model),
        graph_(graph),
        tflite_(destination.format == graph::Format::TfLite),
        ir_(destination.format == graph::Format::OpenVinoIr),
        old_ir_(destination.format == graph::Format::OpenVinoIr && destination.ir_version < 11),
        last_(model.layout == graph::Layout::ChannelsLast) {}

  void run() {
    for (Operator& each : graph_.operators) {
      if (each.source_kind.empty())
        one(std::move(each));
      else
        done_.push_back(std::move(each));
    }
    graph_.operators = std::move(done_);
  }

 private:
  static std::size_t index(int tensor) { return static_cast<std::size_t>(tensor); }
  const graph::Tensor& at(int tensor) const { return graph_.tensors[index(tensor)]; }
  const Ints& dims(int tensor) const { return at(tensor).shape.dims; }
  static void set(Operator& op, std::string_view name, graph::Attribute value) {
    std::erase_if(op.attributes, [&](const auto& a) { return a.first == name; });
    op.attributes.emplace_back(name, std::move(value));
  }

  int tensor(ElementType type, Ints shape, std::string name) {
    graph_.tensors.push_back({.name = std::move(name), .type = type, .shape = {.dims = std::move(shape)}});
    return static_cast<int>(graph_.tensors.size()) - 1;
  }

  int constant(graph::Value value, std::string name) {
    const int made = tensor(value.type, value.dims, std::move(name));
    model_.owned.push_back(std::make_shared<const std::vector<std::byte>>(std::move(value.data)));
    graph_.tensors[index(made)].constant = true;
    graph_.tensors[index(made)].data = *model_.owned.back();
    return made;
  }

  // What an operator makes of constants; nothing where they are none.
  std::optional<graph::Value> folded(const Operator& op, std::initializer_list<const graph::Value*> inputs) const {
    auto made = graph::evaluate(op, std::span(inputs.begin(), inputs.size()), model_.layout);
    if (!made) return std::nullopt;
    return std::move(made->front());
  }

  // A new operator in front of another, and its result.
  int before(Kind kind, std::vector<int> inputs, ElementType type, Ints shape, const std::string& name,
             graph::Attributes attributes = {}) {
    const int made = tensor(type, std::move(shape), name);
    done_.push_back({.kind = kind,
                     .name = name,
                     .inputs = std::move(inputs),
                     .outputs = {made},
                     .attributes = std::move(attributes)});
    return made;
  }

  void one(Operator op) {
    switch (op.kind) {
      case Kind::Floor:
      case Kind::Ceil:
      case Kind::Round:
        // Whole numbers are round; only IR has words for rounding them.
        if (!ir_ && !graph::is_float(at(op.inputs[0]).type)) op.kind = Kind::Identity;
        break;
      case Kind::Swish:
        if (!ir_) return swish(std::move(op));
        break;
      case Kind::HSigmoid:
        // min(max(x + 3, 0), 6) / 6; only IR has a word for it.
        if (!ir_) {
          op.kind = Kind::HardSigmoid;
          set(op, attr::alpha, 1.0 / 6);
          set(op, attr::beta, 0.5);
        }
        break;
      case Kind::Pack:
        if (!tflite_) return pack(std::move(op));
        break;
      case Kind::Unpack:
        if (!tflite_) return unpack(std::move(op));
        break;
      case Kind::Gather:
        if (tflite_ || old_ir_) front_indices(op);
        break;
      case Kind::Cast:
        // The words for weights that are kept as 16-bit floats.
        if (tflite_ && at(op.inputs[0]).type == ElementType::Float16 &&
            at(op.outputs[0]).type == ElementType::Float32) {
          op.kind = Kind::Dequantize;
          op.attributes.clear();
        }
        break;
      case Kind::Convolution:
      case Kind::DepthwiseConvolution:
        if (tflite_) convolution(op);
        break;
      case Kind::AveragePool:
      case Kind::MaxPool:
        if (tflite_) pool(op);
        break;
      case Kind::BatchNormalization:
        if (tflite_) return normalization(std::move(op));
        break;
      case Kind::Matmul:
        if (tflite_) matmul(op);
        break;
      case Kind::ReduceL1:
      case Kind::ReduceL2:
        if (tflite_) return norm(std::move(op));
        break;
      default:
        break;
    }
    done_.push_back(std::move(op));
  }

  // x times the logistic function of beta x.
  void swish(Operator op) {
    const graph::Tensor x = at(op.inputs[0]);
    const std::string name = at(op.outputs[0]).name;
    const auto beta = static_cast<float>(graph::get<double>(op.attributes, attr::beta, 1.0));
    int inner = op.inputs[0];
    if (beta != 1) {
      graph::Value factor{ElementType::Float32, {1}, {}};
      const auto bytes = std::as_bytes(std::span(&beta, 1));
      factor.data.assign(bytes.begin(), bytes.end());
      inner = before(Kind::Multiply, {inner, constant(std::move(factor), name + "/beta")}, x.type, x.shape.dims,
                     name + "/scaled");
    }
    const int gate = before(Kind::Logistic, {inner}, x.type, x.shape.dims, name + "/gate");
    op.kind = Kind::Multiply;
    op.inputs = {op.inputs[0], gate};
    op.attributes.clear();
    done_.push_back(std::move(op));
  }

  // Each input gets the new dimension before all are joined.
  void pack(Operator op) {
    const std::size_t rank = dims(op.inputs[0]).size() + 1;
    const auto axis = static_cast<std::int64_t>(
        graph::axis_of(graph::get<std::int64_t>(op.attributes, attr::axis), rank).value_or(0));
    for (int& each : op.inputs) {
      Ints shape = dims(each);
      shape.insert(shape.begin() + axis, 1);
      each = before(Kind::Unsqueeze, {each}, at(each).type, shape, at(each).name + "/unsqueezed",
                    {{std::string(attr::axes), Ints{axis}}});
    }
    op.kind = Kind::Concatenation;
    set(op, attr::axis, axis);
    done_.push_back(std::move(op));
  }

  void unpack(Operator op) {
    const Ints shape = dims(op.inputs[0]);
    const std::size_t axis =
        graph::axis_of(graph::get<std::int64_t>(op.attributes, attr::axis), shape.size()).value_or(0);
    Operator split{.kind = Kind::Split, .name = op.name, .inputs = op.inputs};
    set(split, attr::axis, static_cast<std::int64_t>(axis));
    set(split, attr::sizes, Ints(op.outputs.size(), 1));
    std::vector<Operator> squeezes;
    for (int each : op.outputs) {
      Ints part = shape;
      part[axis] = 1;
      const int made = tensor(at(each).type, part, at(each).name + "/part");
      split.outputs.push_back(made);
      squeezes.push_back({.kind = Kind::Squeeze, .name = at(each).name, .inputs = {made}, .outputs = {each}});
      set(squeezes.back(), attr::axes, Ints{static_cast<std::int64_t>(axis)});
    }
    done_.push_back(std::move(split));
    for (Operator& each : squeezes) done_.push_back(std::move(each));
  }

  // The remainder by the dimension's size: -1 becomes the last.
  void front_indices(Operator& op) {
    if (!graph::get<bool>(op.attributes, attr::negative_indices)) return;
    const Ints& data = dims(op.inputs[0]);
    const auto axis = graph::axis_of(graph::get<std::int64_t>(op.attributes, attr::axis), data.size());
    if (!axis) return;
    const graph::Tensor indices = at(op.inputs[1]);
    graph::Value size{indices.type, {}, {}};
    if (indices.type == ElementType::Int64) {
      const auto bytes = std::as_bytes(std::span(&data[*axis], 1));
      size.data.assign(bytes.begin(), bytes.end());
    } else if (indices.type == ElementType::Int32) {
      const auto small = static_cast<std::int32_t>(data[*axis]);
      const auto bytes = std::as_bytes(std::span(&small, 1));
      size.data.assign(bytes.begin(), bytes.end());
    } else {
      return;
    }
    const std::string name = at(op.outputs[0]).name + "/indices";
    const int divisor = constant(std::move(size), name + "/size");
    op.inputs[1] = before(Kind::FloorMod, {op.inputs[1], divisor}, indices.type, indices.shape.dims, name);
    std::erase_if(op.attributes, [](const auto& a) { return a.first == attr::negative_indices; });
  }

  // "explicit" padding that is what "same" or "valid" would be, said so: no operator of its own is needed then.
  void name_padding(Operator& op, const Ints& kernel) {
    const auto padding = graph::get<std::string>(op.attributes, attr::padding, "valid");
    if (padding != "explicit" && padding != "same_lower") return;
    const Ints data = dims(op.inputs[0]), result = dims(op.outputs[0]);
    const std::size_t first = last_ ? 1 : 2;
    Ints begin = graph::get<Ints>(op.attributes, attr::pads_begin),
         end = graph::get<Ints>(op.attributes, attr::pads_end);
    Ints strides = graph::get<Ints>(op.attributes, attr::strides),
         gaps = graph::get<Ints>(op.attributes, attr::dilations);
    begin.resize(kernel.size(), 0);
    end.resize(kernel.size(), 0);
    strides.resize(kernel.size(), 1);
    gaps.resize(kernel.size(), 1);
    bool same = true, none = true;
    for (std::size_t i = 0; i < kernel.size(); ++i) {
      const std::int64_t size = data[first + i], reach = (kernel[i] - 1) * gaps[i] + 1;
      const std::int64_t missing = std::max<std::int64_t>(0, (result[first + i] - 1) * strides[i] + reach - size);
      if (padding == "same_lower") {
        begin[i] = missing - missing / 2;
        end[i] = missing / 2;
      }
      same = same && result[first + i] == (size + strides[i] - 1) / strides[i] && begin[i] == missing / 2 &&
             end[i] >= missing - missing / 2;
      none = none && begin[i] == 0 && end[i] == 0;
    }
    set(op, attr::padding, std::string(none ? "valid" : same ? "same" : "explicit"));
    set(op, attr::pads_begin, std::move(begin));
    set(op, attr::pads_end, std::move(end));
  }

  void convolution(Operator& op) {
    Ints shape = dims(op.inputs[1]);
    const std::size_t rank = dims(op.inputs[0]).size();
    if (!last_ && shape.size() == rank + 1) {  // the groups before
      if (op.kind == Kind::Convolution) set(op, attr::groups, shape[0]);
      shape[1] *= shape[0];
      shape.erase(shape.begin());
      const std::string name = at(op.inputs[1]).name + "/shaped";
      if (auto value = graph::value_of(at(op.inputs[1]))) {
        value->dims = shape;
        op.inputs[1] = constant(*std::move(value), name);
      } else {
        op.inputs[1] = before(Kind::Reshape, {op.inputs[1]}, at(op.inputs[1]).type, shape, name,
                              {{std::string(attr::shape), shape}});
      }
    }
    const auto from = shape.begin() + (last_ ? 1 : 2);
    name_padding(op, Ints(from, from + static_cast<std::ptrdiff_t>(rank - 2)));
  }

  // Padding in front of a pool: with what no maximum is smaller than, or zeros where an average counts them.
  void pool(Operator& op) {
    const bool max = op.kind == Kind::MaxPool, include = graph::get<bool>(op.attributes, attr::include_pad);
    name_padding(op, graph::get<Ints>(op.attributes, attr::kernel));
    const auto padding = graph::get<std::string>(op.attributes, attr::padding);
    if (padding == "valid" || (padding == "same" && !include)) {
      std::erase_if(op.attributes, [](const auto& a) { return a.first == attr::include_pad; });
      return;
    }
    if (!max && !include) return;
    const Ints begin = graph::get<Ints>(op.attributes, attr::pads_begin),
               end = graph::get<Ints>(op.attributes, attr::pads_end);
    Ints shape = dims(op.inputs[0]), before_all(shape.size(), 0), behind_all(shape.size(), 0);
    for (std::size_t i = 0; i < begin.size() && i < end.size(); ++i) {
      before_all[(last_ ? 1 : 2) + i] = begin[i];
      behind_all[(last_ ? 1 : 2) + i] = end[i];
      shape[(last_ ? 1 : 2) + i] += begin[i] + end[i];
    }
    op.inputs[0] = before(Kind::Pad, {op.inputs[0]}, at(op.inputs[0]).type, shape, at(op.outputs[0]).name + "/padded",
                          {{std::string(attr::pads_begin), before_all},
                           {std::string(attr::pads_end), behind_all},
                           {std::string(attr::value), max ? -std::numeric_limits<double>::infinity() : 0.0}});
    set(op, attr::padding, std::string("valid"));
    std::erase_if(op.attributes, [](const auto& a) {
      return a.first == attr::include_pad || a.first == attr::pads_begin || a.first == attr::pads_end;
    });
  }

  // x * (scale / sqrt(variance + epsilon)) + (bias - mean * that), where all of these are constants.
  void normalization(Operator op) {
    std::vector<graph::Value> values;
    for (std::size_t i = 1; i < op.inputs.size(); ++i)
      if (auto value = graph::value_of(at(op.inputs[i]))) values.push_back(*std::move(value));
    const Ints data = dims(op.inputs[0]);
    if (values.size() != 4 || values[0].type != ElementType::Float32 || data.size() < 2)
      return done_.push_back(std::move(op));
    const auto epsilon = static_cast<float>(graph::get<double>(op.attributes, attr::epsilon));
    graph::Value small{ElementType::Float32, {}, std::vector<std::byte>(sizeof epsilon)};
    std::copy_n(reinterpret_cast<const std::byte*>(&epsilon), sizeof epsilon, small.data.begin());
    const auto sum = folded({.kind = Kind::Add}, {&values[3], &small});
    const auto root = sum ? folded({.kind = Kind::Sqrt}, {&*sum}) : std::nullopt;
    auto factor = root ? folded({.kind = Kind::Divide}, {&values[0], &*root}) : std::nullopt;
    const auto shift = factor ? folded({.kind = Kind::Multiply}, {&values[2], &*factor}) : std::nullopt;
    auto offset = shift ? folded({.kind = Kind::Subtract}, {&values[1], &*shift}) : std::nullopt;
    if (!offset) return done_.push_back(std::move(op));
    Ints shape(data.size() - 1, 1);  // as broadcasting wants the channels
    shape[last_ ? shape.size() - 1 : 0] = values[0].dims[0];
    factor->dims = offset->dims = shape;
    const std::string name = at(op.outputs[0]).name;
    const int scale = constant(*std::move(factor), name + "/scale"),
              bias = constant(*std::move(offset), name + "/bias");
    const int scaled = before(Kind::Multiply, {op.inputs[0], scale}, at(op.inputs[0]).type, data, name + "/scaled");
    done_.push_back({.kind = Kind::Add, .name = op.name, .inputs = {scaled, bias}, .outputs = op.outputs});
  }

  // A matrix of constants is the weights of a fully connected layer, which accelerators have.
  void matmul(Operator& op) {
    const Ints weights = dims(op.inputs[1]);
    if (graph::get<bool>(op.attributes, attr::transpose_a) || weights.size() != 2 || !at(op.inputs[1]).constant) return;
    const bool fits = op.inputs.size() < 3 || (dims(op.inputs[2]).size() == 1 && at(op.inputs[2]).constant);
    const bool turned = graph::get<bool>(op.attributes, attr::transpose_b);
    if (!fits || (op.inputs.size() == 3 && dims(op.inputs[2])[0] != dims(op.outputs[0]).back())) return;
    if (!turned) {
      const auto value = graph::value_of(at(op.inputs[1]));
      Operator transpose{.kind = Kind::Transpose};
      set(transpose, attr::permutation, Ints{1, 0});
      auto made = value ? folded(transpose, {&*value}) : std::nullopt;
      if (!made) return;
      op.inputs[1] = constant(*std::move(made), at(op.inputs[1]).name + "/turned");
    }
    op.kind = Kind::FullyConnected;
    op.attributes.clear();
  }

  void norm(Operator op) {
    const bool root = op.kind == Kind::ReduceL2;
    const graph::Tensor data = at(op.inputs[0]);
    const std::string name = at(op.outputs[0]).name;
    op.inputs[0] = before(root ? Kind::Square : Kind::Abs, {op.inputs[0]}, data.type, data.shape.dims, name + "/each");
    op.kind = Kind::ReduceSum;
    if (!root) return done_.push_back(std::move(op));
    Operator last{.kind = Kind::Sqrt, .name = op.name, .outputs = op.outputs};
    const int sum = tensor(data.type, dims(op.outputs[0]), name + "/sum");
    op.outputs = {sum};
    last.inputs = {sum};
    done_.push_back(std::move(op));
    done_.push_back(std::move(last));
  }

  graph::Model& model_;
  graph::Subgraph& graph_;
  bool tflite_, ir_, old_ir_, last_;
  std::vector<Operator> done_;
};

}  // namespace

void legalise(graph::Model& model, graph::Subgraph& graph, const Destination& destination) {
  Legalise(model, graph, destination).run();
}

}  // namespace edgescope::format
