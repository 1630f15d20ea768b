#include "rewrite/patch.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <memory>

#include "base/half.h"
#include "graph/infer.h"

namespace edgescope::rewrite {
namespace {

using graph::ElementType;
using graph::Operator;
using graph::Tensor;

template <typename T>
std::vector<std::byte> bytes_of(T value) {
  std::vector<std::byte> data(sizeof(T));
  std::memcpy(data.data(), &value, sizeof(T));
  return data;
}

}  // namespace

Patch::Patch(graph::Model& model, graph::Subgraph& graph, int index)
    : model_(model),
      graph_(graph),
      index_(index),
      tensors_before_(graph.tensors.size()),
      owned_before_(model.owned.size()) {
  fits_ = graph.operators[static_cast<std::size_t>(index)].outputs.size() == 1;
}

const Tensor& Patch::tensor(int index) const { return graph_.tensors[static_cast<std::size_t>(index)]; }

int Patch::add(graph::Kind kind, std::vector<int> inputs, std::initializer_list<graph::Named> attributes) {
  Operator op{.kind = kind};
  for (const graph::Named& each : attributes) op.attributes.emplace_back(each.first, each.second);
  return again(std::move(op), std::move(inputs));
}

int Patch::again(Operator op, std::vector<int> inputs) {
  if (!fits_) return 0;
  op.inputs = std::move(inputs);
  op.outputs.clear();
  std::vector<const Tensor*> given;
  for (const int input : op.inputs) {
    if (input >= 0 && !tensor(input).shape.is_static()) {
      fits_ = false;
      return 0;
    }
    given.push_back(input < 0 ? nullptr : &tensor(input));
  }
  const auto made = graph::infer(op, given, model_.layout);
  if (!made || made->size() != 1) {
    fits_ = false;
    return 0;
  }
  const Operator& old = graph_.operators[static_cast<std::size_t>(index_)];
  const std::string& called = old.name.empty() ? tensor(old.outputs[0]).name : old.name;
  op.name = fmt::format("{}/{}{}", called, graph::kind_name(op.kind), operators_.size());
  graph_.tensors.push_back({.name = op.name, .type = made->front().type, .shape = {.dims = made->front().dims}});
  op.outputs = {static_cast<int>(graph_.tensors.size()) - 1};
  operators_.push_back(std::move(op));
  return operators_.back().outputs[0];
}

int Patch::constant(ElementType type, std::vector<std::int64_t> dims, std::vector<std::byte> data) {
  model_.owned.push_back(std::make_shared<const std::vector<std::byte>>(std::move(data)));
  graph_.tensors.push_back({.name = fmt::format("constant_{}", graph_.tensors.size()),
                            .type = type,
                            .shape = {.dims = std::move(dims)},
                            .constant = true,
                            .data = *model_.owned.back()});
  return static_cast<int>(graph_.tensors.size()) - 1;
}

int Patch::number(double value, ElementType type) {
  switch (type) {
    case ElementType::Float64:
      return constant(type, {}, bytes_of(value));
    case ElementType::Float32:
      return constant(type, {}, bytes_of(static_cast<float>(value)));
    case ElementType::Float16:
      return constant(type, {}, bytes_of(base::to_half(static_cast<float>(value))));
    case ElementType::Int64:
      return constant(type, {}, bytes_of(static_cast<std::int64_t>(value)));
    case ElementType::Int32:
      return constant(type, {}, bytes_of(static_cast<std::int32_t>(value)));
    case ElementType::Int16:
      return constant(type, {}, bytes_of(static_cast<std::int16_t>(value)));
    case ElementType::Int8:
      return constant(type, {}, bytes_of(static_cast<std::int8_t>(value)));
    case ElementType::UInt8:
      return constant(type, {}, bytes_of(static_cast<std::uint8_t>(value)));
    default:
      fits_ = false;
      return 0;
  }
}

int Patch::truth(bool value) { return constant(ElementType::Bool, {}, bytes_of(static_cast<std::uint8_t>(value))); }

void Patch::quantize_like(int tensor, int other) {
  if (!fits_) return;
  graph_.tensors[static_cast<std::size_t>(tensor)].quantization = this->tensor(other).quantization;
}

void Patch::quantize(int tensor, graph::Quantization quantization) {
  if (!fits_) return;
  graph_.tensors[static_cast<std::size_t>(tensor)].quantization =
      std::make_shared<const graph::Quantization>(std::move(quantization));
}

bool Patch::give_up() {
  graph_.tensors.resize(tensors_before_);
  model_.owned.resize(owned_before_);
  return false;
}

bool Patch::finish(int result) {
  if (!fits_) return give_up();
  auto& operators = graph_.operators;
  const auto place = operators.begin() + index_;
  const int old = place->outputs[0];
  Tensor& stood = graph_.tensors[static_cast<std::size_t>(old)];
  const Tensor& stands = tensor(result);
  if (stands.type != stood.type || stands.shape.dims != stood.shape.dims) return give_up();

  if (static_cast<std::size_t>(result) >= tensors_before_ && !stands.constant) {
    const auto maker = std::find_if(operators_.begin(), operators_.end(),
                                    [result](const Operator& op) { return op.outputs[0] == result; });
    for (Operator& op : operators_) std::replace(op.inputs.begin(), op.inputs.end(), result, old);
    maker->outputs[0] = old;
  } else {
    // Results that the network gives away keep their own tensor: one that was there before cannot stand for it.
    if (std::find(graph_.outputs.begin(), graph_.outputs.end(), old) != graph_.outputs.end()) return give_up();
    for (Operator& op : operators) std::replace(op.inputs.begin(), op.inputs.end(), old, result);
  }
  operators.insert(operators.erase(place), std::make_move_iterator(operators_.begin()),
                   std::make_move_iterator(operators_.end()));
  return true;
}

}  // namespace edgescope::rewrite
