#include "runtime/own_files.h"

#include <filesystem>

namespace edgescope::runtime {

namespace fs = std::filesystem;

std::optional<std::string> own_file(std::string_view name) {
  std::error_code ignored;
  fs::path folder = fs::read_symlink("/proc/self/exe", ignored).parent_path();
  for (int depth = 0; depth < 3; ++depth, folder = folder.parent_path())
    if (fs::is_regular_file(folder / name, ignored)) return (folder / name).string();
  return std::nullopt;
}

}  // namespace edgescope::runtime
