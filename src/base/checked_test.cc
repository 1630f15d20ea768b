#include "base/checked.h"

#include <gtest/gtest.h>

#include <array>
#include <limits>

namespace edgescope::base {
namespace {

constexpr std::uint64_t kMax = std::numeric_limits<std::uint64_t>::max();

TEST(Checked, OverflowIsAnAnswer) {
  EXPECT_EQ(checked_add(2, 3), 5u);
  EXPECT_FALSE(checked_add(kMax, 1));
  EXPECT_EQ(checked_mul(1u << 31, 4), std::uint64_t{1} << 33);
  EXPECT_FALSE(checked_mul(kMax, 2));
}

TEST(Checked, ProductOfDimensions) {
  EXPECT_EQ(checked_product(std::array<std::int64_t, 3>{2, 3, 4}), 24u);
  EXPECT_EQ(checked_product({}), 1u);
  EXPECT_FALSE(checked_product(std::array<std::int64_t, 2>{2, -1}));
  EXPECT_FALSE(checked_product(std::array<std::int64_t, 3>{1ll << 31, 1ll << 31, 1ll << 31}));
}

TEST(Checked, WithinHasNoWrapAround) {
  EXPECT_TRUE(within(4, 4, 8));
  EXPECT_TRUE(within(8, 0, 8));
  EXPECT_FALSE(within(4, 5, 8));
  EXPECT_FALSE(within(kMax, 2, 8));
}

}  // namespace
}  // namespace edgescope::base
