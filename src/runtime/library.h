// A shared library opened at run time and the functions that an adapter needs of it: those that are
// missing are named together, so that a wrong or too old library is told from a broken one.
#pragma once

#include <string>

#include "base/error.h"

namespace edgescope::runtime {

class Library {
 public:
  // The library stays open until the process ends: vendor libraries do not survive being closed.
  static base::Result<Library> open(const std::string& path);

  // A function that must be there; the absence is told by status().
  template <typename Function>
  Library& need(const char* name, Function*& function) {
    if (!want(name, function)) missing_ += (missing_.empty() ? "" : ", ") + std::string(name);
    return *this;
  }
  // A function that only some versions have; null where it is absent.
  template <typename Function>
  bool want(const char* name, Function*& function) {
    function = reinterpret_cast<Function*>(address(name));
    return function != nullptr;
  }
  base::Status status() const;

 private:
  void* address(const char* name) const;
  void* handle_ = nullptr;
  std::string path_;
  std::string missing_;
};

}  // namespace edgescope::runtime
