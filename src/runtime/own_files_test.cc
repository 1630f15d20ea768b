#include "runtime/own_files.h"

#include <gtest/gtest.h>

namespace edgescope::runtime {
namespace {

TEST(OwnFiles, AreBesideTheProgramOrAbove) {
  EXPECT_TRUE(own_file("runtime_test"));
  EXPECT_EQ(own_file("build.ninja"), EDGESCOPE_BINARY_DIR "/build.ninja");
  EXPECT_FALSE(own_file("no such file"));
}

}  // namespace
}  // namespace edgescope::runtime
