#include "runtime/inputs.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <vector>

namespace edgescope::runtime {
namespace {

using graph::ElementType;

template <typename T>
std::vector<T> filled(ElementType type, std::size_t count, std::uint64_t seed = 1, std::uint64_t row = 0,
                      std::uint64_t port = 0) {
  std::vector<T> values(count);
  fill_input(type, seed, row, port, std::as_writable_bytes(std::span(values)));
  return values;
}

TEST(Inputs, FloatsAreUniformInMinusOneToOne) {
  const auto values = filled<float>(ElementType::Float32, 10001);
  double sum = 0, squares = 0;
  for (float value : values) {
    ASSERT_GE(value, -1);
    ASSERT_LT(value, 1);
    sum += value;
    squares += value * value;
  }
  EXPECT_NEAR(sum / 10001, 0, 0.03);
  EXPECT_NEAR(squares / 10001, 1.0 / 3, 0.02);
  for (double value : filled<double>(ElementType::Float64, 100)) {
    ASSERT_GE(value, -1);
    ASSERT_LT(value, 1);
  }
}

double half(std::uint16_t bits) {
  const int exponent = (bits >> 10) & 31;
  const double fraction = bits & 0x3ff;
  const double size = exponent == 0 ? fraction * 0x1p-24 : (1 + fraction / 1024) * std::ldexp(1, exponent - 15);
  return bits & 0x8000 ? -size : size;
}

TEST(Inputs, SixteenBitFloatsToo) {
  double squares = 0;
  for (std::uint16_t bits : filled<std::uint16_t>(ElementType::Float16, 10000)) {
    ASSERT_LT(std::abs(half(bits)), 1);
    squares += half(bits) * half(bits);
  }
  EXPECT_NEAR(squares / 10000, 1.0 / 3, 0.02);
  squares = 0;
  for (std::uint16_t bits : filled<std::uint16_t>(ElementType::BFloat16, 10000)) {
    const std::uint32_t wide = static_cast<std::uint32_t>(bits) << 16;
    float value;
    std::memcpy(&value, &wide, 4);
    ASSERT_LE(std::abs(value), 1);
    squares += value * value;
  }
  EXPECT_NEAR(squares / 10000, 1.0 / 3, 0.02);
}

TEST(Inputs, BytesCoverTheWholeRangeAndIndicesAreSmall) {
  std::vector<int> seen(256);
  for (std::uint8_t value : filled<std::uint8_t>(ElementType::UInt8, 10000)) ++seen[value];
  for (int count : seen) EXPECT_GT(count, 10);
  int ones = 0;
  for (std::int32_t value : filled<std::int32_t>(ElementType::Int32, 1000)) {
    ASSERT_TRUE(value == 0 || value == 1);
    ones += value;
  }
  EXPECT_NEAR(ones, 500, 100);
  for (std::int64_t value : filled<std::int64_t>(ElementType::Int64, 1000)) ASSERT_TRUE(value == 0 || value == 1);
  for (std::uint8_t value : filled<std::uint8_t>(ElementType::Bool, 1000)) ASSERT_LE(value, 1);
}

TEST(Inputs, DependOnSeedRowAndPortAlone) {
  const auto values = filled<std::uint8_t>(ElementType::UInt8, 33, 5, 6, 7);
  EXPECT_EQ(values, filled<std::uint8_t>(ElementType::UInt8, 33, 5, 6, 7));
  EXPECT_NE(values, filled<std::uint8_t>(ElementType::UInt8, 33, 4, 6, 7));
  EXPECT_NE(values, filled<std::uint8_t>(ElementType::UInt8, 33, 5, 5, 7));
  EXPECT_NE(values, filled<std::uint8_t>(ElementType::UInt8, 33, 5, 6, 6));
  auto prefix = filled<std::uint8_t>(ElementType::UInt8, 40, 5, 6, 7);
  prefix.resize(32);
  EXPECT_TRUE(std::equal(prefix.begin(), prefix.end(), values.begin()));
}

}  // namespace
}  // namespace edgescope::runtime
