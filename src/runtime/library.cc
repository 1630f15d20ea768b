#include "runtime/library.h"

#include <dlfcn.h>

namespace edgescope::runtime {

base::Result<Library> Library::open(const std::string& path) {
  Library library;
  library.path_ = path;
  library.handle_ = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (library.handle_ == nullptr) {
    const char* reason = dlerror();
    return base::fail(
        {.fault = base::Fault::missing,
         .what = std::string("cannot open the library: ") + (reason ? reason : "unknown reason"),
         .remedy = "It must be the runtime's own library, built for this machine; `make runtimes` brings one."});
  }
  return library;
}

void* Library::address(const char* name) const { return dlsym(handle_, name); }

base::Status Library::status() const {
  if (missing_.empty()) return {};
  return base::fail({.fault = base::Fault::missing,
                     .what = "the library lacks " + missing_,
                     .file = path_,
                     .remedy = "It is another library or another version than expected; `make runtimes` brings those "
                               "that edgescope is tested with."});
}

}  // namespace edgescope::runtime
