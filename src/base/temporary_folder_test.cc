#include "base/temporary_folder.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <optional>

namespace edgescope::base {
namespace {

TEST(TemporaryFolder, EndsWithWhatIsInIt) {
  std::string path;
  {
    auto made = TemporaryFolder::make();
    ASSERT_TRUE(made);
    const TemporaryFolder folder = std::move(*made);
    path = folder.path();
    std::ofstream(path + "/file") << "x";
    EXPECT_TRUE(std::filesystem::exists(path + "/file"));
  }
  EXPECT_FALSE(std::filesystem::exists(path));
}

TEST(TemporaryFolder, EachIsItsOwn) {
  const auto a = TemporaryFolder::make(), b = TemporaryFolder::make();
  ASSERT_TRUE(a && b);
  EXPECT_NE(a->path(), b->path());
}

}  // namespace
}  // namespace edgescope::base
