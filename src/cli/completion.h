// Completions for shells, made from the commands and options as the parser has them, so that they can
// never fall behind.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

namespace edgescope::cli {

inline const std::vector<std::string>& completion_shells() {
  static const std::vector<std::string> shells = {"bash", "zsh", "fish"};
  return shells;
}

// The script that the shell reads. `shell` is one of the above.
std::string completion_script(const CLI::App& app, const std::string& shell);

}  // namespace edgescope::cli
