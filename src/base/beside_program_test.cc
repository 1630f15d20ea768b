#include "base/beside_program.h"

#include <gtest/gtest.h>

#include <filesystem>

namespace edgescope::base {
namespace {

namespace fs = std::filesystem;

TEST(BesideProgram, FindsFilesInItsFolderAndAFewAbove) {
  const fs::path program = fs::read_symlink("/proc/self/exe");
  EXPECT_EQ(beside_program(program.filename()), program.string());
  const fs::path folder = program.parent_path();
  EXPECT_EQ(beside_program(folder.filename()), folder.string()) << "the folder itself, seen from the one above";
  EXPECT_EQ(beside_program("no-such-file"), std::nullopt);
}

}  // namespace
}  // namespace edgescope::base
