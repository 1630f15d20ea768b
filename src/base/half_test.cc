#include "base/half.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace edgescope::base {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();

TEST(Half, EveryHalfSurvives) {
  for (std::uint32_t bits = 0; bits < 0x10000; ++bits) {
    const float value = from_half(static_cast<std::uint16_t>(bits));
    if (std::isnan(value)) continue;
    ASSERT_EQ(to_half(value), bits) << value;
  }
}

TEST(Half, RoundsToNearestTiesToEven) {
  EXPECT_EQ(to_half(1.0F), 0x3c00);
  EXPECT_EQ(to_half(2049.0F), to_half(2048.0F));
  EXPECT_EQ(to_half(2051.0F), to_half(2052.0F));
  EXPECT_EQ(to_half(65519.0F), 0x7bff);
  EXPECT_EQ(to_half(65520.0F), 0x7c00);
  EXPECT_EQ(to_half(0x1p-25F), 0);
  EXPECT_EQ(to_half(0x1.8p-25F), 1);
  EXPECT_EQ(to_half(-0.0F), 0x8000);
  EXPECT_TRUE(std::isnan(from_half(to_half(std::nanf("")))));
}

TEST(Half, NeighboursAreNeighbours) {
  for (float value : {-65504.0F, -1.0F, -0x1p-24F, 0.0F, 1.0F, 0.1F, 65504.0F}) {
    const float below = half_below(value);
    EXPECT_LE(below, value);
    EXPECT_GT(half_after(below), value);
  }
  EXPECT_EQ(half_after(-0x1p-24F), 0);
  EXPECT_EQ(half_after(65504), kInfinity);
  EXPECT_EQ(half_below(1e9), 65504);
  EXPECT_EQ(half_below(-1e9), -kInfinity);
  EXPECT_EQ(half_below(kInfinity), kInfinity);
  EXPECT_EQ(half_below(std::nextafter(1.0, 0.0)), 1.0F - 0x1p-11F);
}

}  // namespace
}  // namespace edgescope::base
