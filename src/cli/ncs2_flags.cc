#include "cli/ncs2_flags.h"

#include "cli/runtime_flags.h"

namespace edgescope::cli {

void add_ncs2_flags(CLI::App& command, Ncs2Flags& flags) {
  command
      .add_option("--on", flags.on,
                  "NCS2: whose compiler, on a simulated stick or a real one: ncs2:virtual, ie2021:MYRIAD, "
                  "openvino:MYRIAD (ncs2:virtual)")
      ->check(CLI::IsMember({"ncs2:virtual", "ie2021:MYRIAD", "openvino:MYRIAD"}))
      ->type_name("NAME");
  add_property_flag(command, flags.properties);
  command.add_flag(
      "--half-ends", flags.half_ends,
      "NCS2: inputs and outputs of 16-bit floats, as the device computes, so that none is converted there");
  add_runtime_flags(command, flags.places);
}

base::Result<measure::Oracle> oracle(const Ncs2Flags& flags) {
  EDGESCOPE_TRY(found, runtime::find(flags.on, flags.places));
  return measure::Oracle({.runtime = std::move(found)});
}

}  // namespace edgescope::cli
