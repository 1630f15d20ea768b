#include "rewrite/constants.h"

#include <algorithm>
#include <cstring>

#include "base/half.h"

namespace edgescope::rewrite {
namespace {

template <typename T>
std::vector<double> widened(std::span<const std::byte> data) {
  std::vector<double> result(data.size() / sizeof(T));
  for (std::size_t i = 0; i < result.size(); ++i) {
    T value;
    std::memcpy(&value, data.data() + i * sizeof(T), sizeof(T));
    result[i] = static_cast<double>(value);
  }
  return result;
}

}  // namespace

std::optional<std::vector<double>> constant_numbers(const graph::Tensor& tensor) {
  using graph::ElementType;
  if (!tensor.constant || tensor.sparse || tensor.encoding != graph::Encoding::Raw) return std::nullopt;
  switch (tensor.type) {
    case ElementType::Float32:
      return widened<float>(tensor.data);
    case ElementType::Float64:
      return widened<double>(tensor.data);
    case ElementType::Float16: {
      std::vector<double> result = widened<std::uint16_t>(tensor.data);
      for (double& value : result) value = base::from_half(static_cast<std::uint16_t>(value));
      return result;
    }
    case ElementType::Int64:
      return widened<std::int64_t>(tensor.data);
    case ElementType::Int32:
      return widened<std::int32_t>(tensor.data);
    case ElementType::Int16:
      return widened<std::int16_t>(tensor.data);
    case ElementType::Int8:
      return widened<std::int8_t>(tensor.data);
    case ElementType::UInt8:
      return widened<std::uint8_t>(tensor.data);
    case ElementType::Bool:
      return widened<std::uint8_t>(tensor.data);
    default:
      return std::nullopt;
  }
}

std::optional<double> constant_number(const graph::Tensor& tensor) {
  const auto numbers = constant_numbers(tensor);
  if (!numbers || numbers->empty()) return std::nullopt;
  const double first = numbers->front();
  return std::all_of(numbers->begin(), numbers->end(), [first](double number) { return number == first; })
             ? std::optional(first)
             : std::nullopt;
}

}  // namespace edgescope::rewrite
