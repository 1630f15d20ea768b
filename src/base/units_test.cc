#include "base/units.h"

#include <gtest/gtest.h>

namespace edgescope::base {
namespace {

TEST(Units, ReadAsPeopleWriteThem) {
  EXPECT_EQ(bytes_text(128), "128 B");
  EXPECT_EQ(bytes_text(8482980), "8.09 MiB");
  EXPECT_EQ(bytes_text(1023 * 1024), "1023 KiB");
  EXPECT_EQ(count_text(999), "999");
  EXPECT_EQ(count_text(300400000), "300.4 M");
  EXPECT_EQ(microseconds_text(0.31), "310.0 ns");
  EXPECT_EQ(microseconds_text(3420), "3.42 ms");
  EXPECT_EQ(microseconds_text(1200000), "1.20 s");
}

}  // namespace
}  // namespace edgescope::base
