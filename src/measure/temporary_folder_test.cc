#include "measure/temporary_folder.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <optional>

namespace edgescope::measure {
namespace {

TEST(TemporaryFolder, EndsWithTheObjectThatHoldsItLast) {
  std::string path;
  {
    auto made = TemporaryFolder::make();
    ASSERT_TRUE(made) << made.error().message();
    path = made->path();
    const TemporaryFolder moved = std::move(*made);
    std::ofstream(path + "/file") << "x";
    EXPECT_EQ(moved.path(), path);
    EXPECT_TRUE(std::filesystem::exists(path + "/file"));
  }
  EXPECT_FALSE(std::filesystem::exists(path));
}

}  // namespace
}  // namespace edgescope::measure
