// A folder that ends with its object, and everything in it.
#pragma once

#include <string>
#include <utility>

#include "base/error.h"

namespace edgescope::base {

class TemporaryFolder {
 public:
  // In `parent`, or where the system keeps temporary files.
  static Result<TemporaryFolder> make(const std::string& parent = {});
  TemporaryFolder(TemporaryFolder&& other) noexcept : path_(std::exchange(other.path_, {})) {}
  TemporaryFolder& operator=(TemporaryFolder&&) = delete;
  ~TemporaryFolder();

  const std::string& path() const { return path_; }
  std::string keep() { return std::exchange(path_, {}); }  // it stays; whoever asked removes it

 private:
  explicit TemporaryFolder(std::string path) : path_(std::move(path)) {}
  std::string path_;
};

}  // namespace edgescope::base
