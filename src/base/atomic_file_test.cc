#include "base/atomic_file.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "support/scratch.h"

namespace edgescope::base {
namespace {

TEST(AtomicFile, ReplacesWholeFilesAndLeavesNothingBeside) {
  const testing_support::Scratch folder;
  const std::string path = folder / "out.txt";
  ASSERT_TRUE(write_file(path, "first"));
  ASSERT_TRUE(write_file(path, "second"));
  std::ifstream in(path);
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(in), {}), "second");
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder.path()), {}), 1);
}

TEST(AtomicFile, SaysWhatWentWrong) {
  auto status = write_file("/nonexistent/out.txt", "x");
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().fault, Fault::output);
}

}  // namespace
}  // namespace edgescope::base
