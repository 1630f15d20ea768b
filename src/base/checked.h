// Arithmetic on sizes that come from a file: overflow is an answer, never a wrapped number.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>

namespace edgescope::base {

inline std::optional<std::uint64_t> checked_add(std::uint64_t a, std::uint64_t b) {
  std::uint64_t sum = 0;
  if (__builtin_add_overflow(a, b, &sum)) return std::nullopt;
  return sum;
}

inline std::optional<std::uint64_t> checked_mul(std::uint64_t a, std::uint64_t b) {
  std::uint64_t product = 0;
  if (__builtin_mul_overflow(a, b, &product)) return std::nullopt;
  return product;
}

// Product of dimensions; nothing where one is negative (dynamic) or the product exceeds 64 bits.
inline std::optional<std::uint64_t> checked_product(std::span<const std::int64_t> dims) {
  std::uint64_t product = 1;
  for (std::int64_t dim : dims) {
    if (dim < 0) return std::nullopt;
    if (__builtin_mul_overflow(product, static_cast<std::uint64_t>(dim), &product)) return std::nullopt;
  }
  return product;
}

// True where [offset, offset + size) lies within [0, limit).
inline bool within(std::uint64_t offset, std::uint64_t size, std::uint64_t limit) {
  return offset <= limit && size <= limit - offset;
}

}  // namespace edgescope::base
