// The flags of every command that runs models: which runtimes, and where they lie.
#pragma once

#include <map>

#include "cli/command.h"
#include "measure/virtual_sticks.h"
#include "runtime/catalog.h"

namespace edgescope::cli {

// --runtime-library FAMILY=PATH (any number) and --runtimes FOLDER.
void add_runtime_flags(CLI::App& command, runtime::Places& places);

// --property NAME=VALUE (any number), in the runtime's own words.
void add_property_flag(CLI::App& command, std::map<std::string, std::string>& properties);

// --on A,B,...
void add_on_flag(CLI::App& command, std::vector<std::string>& on);

// What simulated sticks are like.
struct SimulatedFlags {
  int count = 1;
  std::string source;
  std::string link = "usb3";
  bool dfu = false;

  measure::VirtualSticks sticks() const {
    return {.count = count, .usb3 = link == "usb3", .firmware = !dfu, .source = source};
  }
  bool any() const { return count > 1 || !source.empty() || link != "usb3" || dfu; }
};

// --sticks, --source, --link, --dfu.
void add_simulated_flags(CLI::App& command, SimulatedFlags& flags);

}  // namespace edgescope::cli
