// How the commands reach the vendor's compiler for the NCS2: on which stick, with which settings.
#pragma once

#include <map>
#include <string>

#include "cli/command.h"
#include "measure/oracle.h"
#include "runtime/catalog.h"

namespace edgescope::cli {

struct Ncs2Flags {
  std::string on = "ncs2:virtual";
  std::map<std::string, std::string> properties;
  bool half_ends = false;
  runtime::Places places;

  bool any() const { return on != "ncs2:virtual" || !properties.empty() || half_ends; }
};

// --on, --property, --half-ends, --runtime-library, --runtimes.
void add_ncs2_flags(CLI::App& command, Ncs2Flags& flags);

// Fault::missing, with what brings it, where the plugin is not there.
base::Result<measure::Oracle> oracle(const Ncs2Flags& flags);

}  // namespace edgescope::cli
