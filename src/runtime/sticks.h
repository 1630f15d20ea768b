// Coral accelerators that are plugged in, as the system lists them, whether this user may open them, and what to
// do where not. Looks at files only: nothing is opened or woken.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace edgescope::runtime {

struct PluggedCoral {
  std::string place;        // "1-2" (bus and ports), "/dev/apex_0"
  std::string id;           // "18d1:9302"; "1a6e:089a" before the first use after plugging in; empty on PCIe
  double megabits = 0;      // of the USB link, 0 where it is not told
  bool accessible = false;  // for this user
};

// `root` stands before /sys and /dev.
std::vector<PluggedCoral> plugged_corals(const std::string& root = "");

// What to do where libedgetpu does not find or cannot open an accelerator.
std::string coral_advice(const std::vector<PluggedCoral>& plugged);

}  // namespace edgescope::runtime
