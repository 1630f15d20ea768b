// The flags of every command that runs models: which runtimes, and where they lie.
#pragma once

#include "cli/command.h"
#include "runtime/catalog.h"

namespace edgescope::cli {

// --runtime-library FAMILY=PATH (any number) and --runtimes FOLDER.
void add_runtime_flags(CLI::App& command, runtime::Places& places);

// --on A,B,...
void add_on_flag(CLI::App& command, std::vector<std::string>& on);

}  // namespace edgescope::cli
