#include "base/temporary_folder.h"

#include <stdlib.h>

#include <filesystem>

namespace edgescope::base {

namespace fs = std::filesystem;

Result<TemporaryFolder> TemporaryFolder::make(const std::string& parent) {
  std::error_code failed;
  std::string path =
      ((parent.empty() ? fs::temp_directory_path(failed) : fs::path(parent)) / ".edgescope-XXXXXX").string();
  if (failed || mkdtemp(path.data()) == nullptr)
    return fail({.fault = Fault::output,
                 .what = "cannot create a temporary folder",
                 .file = path,
                 .remedy = parent.empty() ? "Set TMPDIR to a folder that can be written."
                                          : "Name a folder that can be written."});
  return TemporaryFolder(std::move(path));
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  if (!path_.empty()) fs::remove_all(path_, ignored);
}

}  // namespace edgescope::base
