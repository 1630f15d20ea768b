// --store FILE, of every command that reads or writes experiments.
#pragma once

#include "cli/command.h"
#include "experiment/store.h"

namespace edgescope::cli {

inline void add_store_flag(CLI::App& command, std::string& path) {
  command.add_option("--store", path, "The experiments' file (in the XDG state folder)")->type_name("FILE");
}

inline base::Result<experiment::Store> open_store(const std::string& path) {
  return experiment::Store::open(path.empty() ? experiment::Store::default_path() : path);
}

}  // namespace edgescope::cli
