#include "graph/elements.h"

#include <cstring>

#include "base/half.h"

namespace edgescope::graph {
namespace {

using Bytes = std::span<const std::byte>;

std::optional<std::uint64_t> take_varint(Bytes& rest) {
  std::uint64_t value = 0;
  for (unsigned shift = 0; shift < 64 && !rest.empty(); shift += 7) {
    const auto byte = std::to_integer<std::uint64_t>(rest.front());
    rest = rest.subspan(1);
    value |= (byte & 0x7f) << shift;
    if (byte < 0x80) return value;
  }
  return std::nullopt;
}

// Calls `each` with the little-endian bits of every element, `width` bytes of them.
template <typename Each>
bool each_element(const Tensor& tensor, std::size_t width, Each each) {
  Bytes rest = tensor.data;
  switch (tensor.encoding) {
    case Encoding::Varint:
      while (!rest.empty()) {
        const auto value = take_varint(rest);
        if (!value) return false;
        each(*value);
      }
      return true;
    case Encoding::Raw:
    case Encoding::Widened: {
      const std::size_t step = tensor.encoding == Encoding::Raw ? width : width > 4 ? 8 : 4;
      for (; rest.size() >= step; rest = rest.subspan(step)) {
        std::uint64_t value = 0;
        std::memcpy(&value, rest.data(), step);
        each(value);
      }
      return rest.empty();
    }
    default:
      return false;
  }
}

}  // namespace

std::optional<std::vector<std::byte>> packed_elements(const Tensor& tensor) {
  const auto count = tensor.shape.elements();
  const int bits = element_bits(tensor.type);
  if (!tensor.constant || tensor.sparse || !count || bits < 8 || bits > 64 || bits % 8 != 0) return std::nullopt;
  const auto width = static_cast<std::size_t>(bits / 8);
  const auto size = packed_bytes(tensor.type, *count);
  if (!size || *size / 16 > tensor.data.size()) return std::nullopt;
  std::vector<std::byte> bytes;
  bytes.reserve(*size);
  const bool whole = each_element(tensor, width, [&](std::uint64_t value) {
    const auto* from = reinterpret_cast<const std::byte*>(&value);
    bytes.insert(bytes.end(), from, from + width);
  });
  if (!whole || bytes.size() != *size) return std::nullopt;
  return bytes;
}

std::optional<std::vector<std::int64_t>> integer_elements(const Tensor& tensor, std::size_t limit) {
  const auto count = tensor.shape.elements();
  if (is_float(tensor.type) || !count || *count > limit) return std::nullopt;
  const auto bytes = packed_elements(tensor);
  if (!bytes) return std::nullopt;
  const auto width = static_cast<std::size_t>(element_bits(tensor.type)) / 8;
  const bool is_signed = tensor.type >= ElementType::Int8 && tensor.type <= ElementType::Int64;
  std::vector<std::int64_t> values;
  for (std::size_t at = 0; at < bytes->size(); at += width) {
    std::uint64_t value = 0;
    std::memcpy(&value, bytes->data() + at, width);
    const unsigned open = 64 - 8 * static_cast<unsigned>(width);
    values.push_back(is_signed ? static_cast<std::int64_t>(value << open) >> open : static_cast<std::int64_t>(value));
  }
  return values;
}

std::optional<std::vector<double>> real_elements(const Tensor& tensor, std::size_t limit) {
  const auto count = tensor.shape.elements();
  if (!count || *count > limit) return std::nullopt;
  const auto bytes = packed_elements(tensor);
  if (!bytes) return std::nullopt;
  std::vector<double> values;
  const auto read = [&]<typename T>(T value, auto convert) {
    for (std::size_t at = 0; at < bytes->size(); at += sizeof value) {
      std::memcpy(&value, bytes->data() + at, sizeof value);
      values.push_back(convert(value));
    }
  };
  switch (tensor.type) {
    case ElementType::Float16:
      read(std::uint16_t{}, [](std::uint16_t bits) { return static_cast<double>(base::from_half(bits)); });
      return values;
    case ElementType::Float32:
      read(float{}, [](float value) { return static_cast<double>(value); });
      return values;
    case ElementType::Float64:
      read(double{}, [](double value) { return value; });
      return values;
    default:
      return std::nullopt;
  }
}

}  // namespace edgescope::graph
