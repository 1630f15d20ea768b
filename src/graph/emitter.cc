#include "graph/emitter.h"

#include <fmt/format.h>

#include "base/half.h"

namespace edgescope::graph {

int Emitter::constant(ElementType type, std::vector<std::int64_t> dims, std::span<const std::byte> data) {
  const auto [at, is_new] =
      constants_.try_emplace({{type, dims}, std::string(reinterpret_cast<const char*>(data.data()), data.size())}, 0);
  if (!is_new) return at->second;
  model_.owned.push_back(std::make_shared<const std::vector<std::byte>>(data.begin(), data.end()));
  at->second = result(type, std::move(dims), fmt::format("constant_{}", graph_.tensors.size()));
  graph_.tensors.back().constant = true;
  graph_.tensors.back().data = *model_.owned.back();
  return at->second;
}

int Emitter::ints(const std::vector<std::int64_t>& values, ElementType type, bool scalar) {
  std::vector<std::int64_t> dims;
  if (!scalar) dims.push_back(static_cast<std::int64_t>(values.size()));
  if (type == ElementType::Int64) return constant(type, std::move(dims), values);
  return constant(ElementType::Int32, std::move(dims), std::vector<std::int32_t>(values.begin(), values.end()));
}

int Emitter::real(double value, ElementType type, std::vector<std::int64_t> dims) {
  if (type == ElementType::Float64) return constant(type, std::move(dims), std::vector{value});
  if (type == ElementType::Float16)
    return constant(type, std::move(dims), std::vector{base::to_half(static_cast<float>(value))});
  return constant(ElementType::Float32, std::move(dims), std::vector{static_cast<float>(value)});
}

int Emitter::add(Tensor tensor) {
  graph_.tensors.push_back(std::move(tensor));
  return static_cast<int>(graph_.tensors.size()) - 1;
}

int Emitter::result(ElementType type, std::vector<std::int64_t> dims, std::string name) {
  return add({.name = std::move(name), .type = type, .shape = {.dims = std::move(dims)}});
}

}  // namespace edgescope::graph
