#include "base/beside_program.h"

#include <filesystem>

namespace edgescope::base {

namespace fs = std::filesystem;

std::optional<std::string> beside_program(const std::string& relative) {
  constexpr int kFoldersAbove = 3;
  std::error_code ignored;
  fs::path folder = fs::read_symlink("/proc/self/exe", ignored).parent_path();
  for (int above = 0; above <= kFoldersAbove; ++above, folder = folder.parent_path())
    if (fs::exists(folder / relative, ignored)) return (folder / relative).string();
  return std::nullopt;
}

}  // namespace edgescope::base
