#include "graph/raising.h"

#include <algorithm>
#include <cstring>

#include "base/half.h"

namespace edgescope::graph {
namespace {

template <typename T>
std::vector<T> elements(const Tensor& tensor) {
  std::vector<T> values(tensor.data.size() / sizeof(T));
  if (!values.empty()) std::memcpy(values.data(), tensor.data.data(), values.size() * sizeof(T));
  return values;
}

}  // namespace

std::optional<std::vector<std::int64_t>> integers(const Tensor& tensor) {
  if (!tensor.constant || tensor.sparse || tensor.encoding != Encoding::Raw) return std::nullopt;
  if (tensor.type == ElementType::Int64) return elements<std::int64_t>(tensor);
  if (tensor.type != ElementType::Int32) return std::nullopt;
  const auto values = elements<std::int32_t>(tensor);
  return std::vector<std::int64_t>(values.begin(), values.end());
}

std::optional<double> number(const Tensor& tensor) {
  if (!tensor.constant || tensor.encoding != Encoding::Raw || tensor.shape.elements() != 1) return std::nullopt;
  if (tensor.type == ElementType::Float32) return elements<float>(tensor).at(0);
  if (tensor.type == ElementType::Float16) return base::from_half(elements<std::uint16_t>(tensor).at(0));
  if (const auto values = integers(tensor)) return static_cast<double>(values->at(0));
  return std::nullopt;
}

bool Raising::is_static(const Operator& op) const {
  for (const auto* list : {&op.inputs, &op.outputs})
    for (int each : *list)
      if (each >= 0 && !graph_.tensors[static_cast<std::size_t>(each)].shape.is_static()) return false;
  return !op.outputs.empty() && op.outputs[0] >= 0;
}

std::optional<int> Raising::reshaped(int index, std::vector<std::int64_t> dims) {
  if (index < 0 || !tensor(index).constant) return std::nullopt;
  Tensor copy = tensor(index);
  copy.shape = {.dims = std::move(dims)};
  copy.name += "/shaped";
  graph_.tensors.push_back(std::move(copy));
  return static_cast<int>(graph_.tensors.size()) - 1;
}

void Raising::set(Operator& op, Kind kind, std::size_t inputs, Attributes attributes) {
  op.kind = kind;
  op.inputs.resize(std::min(inputs, op.inputs.size()));
  op.attributes = std::move(attributes);
  op.source_kind.clear();
  op.version = 0;
  op.options = {};
}

}  // namespace edgescope::graph
