#include "base/half.h"

#include <bit>
#include <cmath>
#include <limits>

namespace edgescope::base {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr int kDropped = 13;  // bits of a float's significand that a half does not have

}  // namespace

std::uint16_t to_half(float value) {
  const auto bits = std::bit_cast<std::uint32_t>(value);
  const auto sign = static_cast<std::uint16_t>(bits >> 16 & 0x8000);
  const float size = std::fabs(value);
  if (std::isnan(value)) return static_cast<std::uint16_t>(sign | 0x7e00);
  if (size >= 65520) return static_cast<std::uint16_t>(sign | 0x7c00);
  if (size < 0x1p-14F) {
    // Adding 0.5 leaves whole multiples of 2^-24, the smallest half, in the float's last bits.
    const float shifted = size + 0.5F;
    return static_cast<std::uint16_t>(sign |
                                      (std::bit_cast<std::uint32_t>(shifted) - std::bit_cast<std::uint32_t>(0.5F)));
  }
  const std::uint32_t magnitude = bits & 0x7fffffff;
  const std::uint32_t rounded = magnitude + ((1u << (kDropped - 1)) - 1) + (magnitude >> kDropped & 1);
  return static_cast<std::uint16_t>(sign | ((rounded - (112u << 23)) >> kDropped));
}

float from_half(std::uint16_t bits) {
  const float sign = bits & 0x8000 ? -1.0F : 1.0F;
  const int exponent = bits >> 10 & 31, significand = bits & 1023;
  if (exponent == 31) return significand != 0 ? std::numeric_limits<float>::quiet_NaN() : sign * kInfinity;
  if (exponent == 0) return sign * std::ldexp(static_cast<float>(significand), -24);
  return sign * std::ldexp(static_cast<float>(significand | 1024), exponent - 25);
}

float half_after(float half) {
  const std::uint16_t bits = to_half(half);
  if (std::isnan(half) || half == kInfinity) return half;
  if (half == 0) return 0x1p-24F;
  return from_half(static_cast<std::uint16_t>(half > 0 ? bits + 1 : bits - 1));
}

float half_below(double value) {
  if (std::isnan(value)) return std::numeric_limits<float>::quiet_NaN();
  // To float first, downward, so that the second rounding cannot pass the value.
  auto single = static_cast<float>(value);
  if (static_cast<double>(single) > value) single = std::nextafter(single, -kInfinity);
  const float half = from_half(to_half(single));
  if (half <= single) return half;
  return -half_after(-half);
}

}  // namespace edgescope::base
