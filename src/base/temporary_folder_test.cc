#include "base/temporary_folder.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace edgescope::base {
namespace {

namespace fs = std::filesystem;

TEST(TemporaryFolder, GoesWithItsContent) {
  std::string path;
  {
    auto folder = TemporaryFolder::make();
    ASSERT_TRUE(folder) << folder.error().message();
    path = folder->path();
    std::ofstream(path + "/file") << "content";
    const auto inner = TemporaryFolder::make(path);
    ASSERT_TRUE(inner);
    EXPECT_EQ(fs::path(inner->path()).parent_path(), path);
    const TemporaryFolder moved = std::move(*folder);
    EXPECT_TRUE(fs::exists(path));
  }
  EXPECT_FALSE(fs::exists(path));
}

TEST(TemporaryFolder, StaysWhereKept) {
  auto folder = TemporaryFolder::make();
  ASSERT_TRUE(folder);
  const std::string path = folder->keep();
  { const TemporaryFolder gone = std::move(*folder); }
  EXPECT_TRUE(fs::exists(path));
  fs::remove_all(path);
  EXPECT_FALSE(TemporaryFolder::make("/nonexistent"));
}

}  // namespace
}  // namespace edgescope::base
