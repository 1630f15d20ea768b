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
  runtime::Places places;

  bool any() const { return on != "ncs2:virtual" || !properties.empty(); }
};

// --on, --property, --runtime-library, --runtimes.
void add_ncs2_flags(CLI::App& command, Ncs2Flags& flags);

// Fault::missing, with what brings it, where the plugin is not there.
base::Result<measure::Oracle> oracle(const Ncs2Flags& flags);

}  // namespace edgescope::cli
