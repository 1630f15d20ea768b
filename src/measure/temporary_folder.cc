#include "measure/temporary_folder.h"

#include <stdlib.h>

#include <filesystem>
#include <utility>

namespace edgescope::measure {

namespace fs = std::filesystem;

base::Result<TemporaryFolder> TemporaryFolder::make() {
  std::error_code failed;
  std::string path = (fs::temp_directory_path(failed) / "edgescope-XXXXXX").string();
  if (failed || mkdtemp(path.data()) == nullptr)
    return base::fail({.fault = base::Fault::output,
                       .what = "cannot create a temporary folder",
                       .file = path,
                       .remedy = "Set TMPDIR to a folder that can be written."});
  return TemporaryFolder(std::move(path));
}

TemporaryFolder::TemporaryFolder(std::string path) : path_(std::move(path)) {}

TemporaryFolder::TemporaryFolder(TemporaryFolder&& other) noexcept : path_(std::exchange(other.path_, {})) {}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  if (!path_.empty()) fs::remove_all(path_, ignored);
}

}  // namespace edgescope::measure
