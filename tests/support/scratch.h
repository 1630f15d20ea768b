// A folder of a test's own, gone when the test ends. Each test runs in a process of its own and several
// at once, so a name that all of them share would be emptied under their feet.
#pragma once

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <stdexcept>
#include <string>
#include <system_error>

namespace edgescope::testing_support {

class Scratch {
 public:
  Scratch() {
    std::string name = (std::filesystem::path(::testing::TempDir()) / "edgescope_test_XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("cannot make a folder in " + ::testing::TempDir());
    path_ = name;
  }
  ~Scratch() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;

  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path operator/(const std::filesystem::path& name) const { return path_ / name; }

 private:
  std::filesystem::path path_;
};

}  // namespace edgescope::testing_support
