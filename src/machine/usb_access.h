// What can keep a program from a stick or slow it down on the bus, alike for every USB accelerator.
#pragma once

#include <string_view>

#include "machine/check.h"

namespace edgescope::machine {

// Both ids of an accelerator: before and after its firmware.
struct UsbIds {
  std::string_view before, after;
};
inline constexpr UsbIds kCoralIds{"1a6e:089a", "18d1:9302"};
inline constexpr UsbIds kNcs2Ids{"03e7:2485", "03e7:f63b"};

// May this user open it, now and when it has come back under its second id?
Outcome look_at_access(const Machine& machine, Accelerator kind, const UsbIds& ids);
// In a container: does it come in under both ids?
Outcome look_at_container(const Machine& machine, Accelerator kind);
// Speed, hub and power. A virtual machine's bus is the hypervisor's.
Outcome look_at_link(const Machine& machine, Accelerator kind);

}  // namespace edgescope::machine
