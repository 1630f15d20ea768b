#include "runtime/sticks.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "runtime/usb_devices.h"

namespace edgescope::runtime {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kIds[] = {"18d1:9302", "1a6e:089a"};

constexpr std::string_view kRule =
    "Give your user access: write `SUBSYSTEM==\"usb\", ATTRS{idVendor}==\"1a6e\", ATTRS{idProduct}==\"089a\", "
    "MODE=\"0664\", GROUP=\"plugdev\"` and the "
    "same line with 18d1 and 9302 into /etc/udev/rules.d/99-coral.rules (Coral's package libedgetpu1-std brings them), "
    "run `sudo udevadm control "
    "--reload-rules && sudo usermod -aG plugdev $USER`, log in again and plug the stick in again.";

}  // namespace

std::vector<PluggedCoral> plugged_corals(const std::string& root) {
  std::vector<PluggedCoral> found;
  std::error_code ignored;
  for (const UsbDevice& device : usb_devices(root)) {
    if (std::find(std::begin(kIds), std::end(kIds), device.id) == std::end(kIds)) continue;
    found.push_back({.place = device.place,
                     .id = device.id,
                     .megabits = device.megabits,
                     .accessible = access((root + device.node).c_str(), R_OK | W_OK) == 0});
  }
  for (const auto& entry : fs::directory_iterator(root + "/dev", ignored))
    if (const std::string name = entry.path().filename(); name.starts_with("apex_"))
      found.push_back({.place = "/dev/" + name, .accessible = access(entry.path().c_str(), R_OK | W_OK) == 0});
  std::sort(found.begin(), found.end(), [](const PluggedCoral& a, const PluggedCoral& b) { return a.place < b.place; });
  return found;
}

std::string coral_advice(const std::vector<PluggedCoral>& plugged) {
  if (plugged.empty())
    return "Plug a Coral stick in: `lsusb` shows it as 1a6e:089a, and as 18d1:9302 after its first use; in a container "
           "pass /dev/bus/usb on. Without one "
           "`--on edgetpu:virtual` runs the same library on a simulated stick and counts its bytes.";
  const auto refused =
      std::find_if(plugged.begin(), plugged.end(), [](const PluggedCoral& coral) { return !coral.accessible; });
  if (refused == plugged.end())
    return fmt::format(
        "{} is plugged in and may be opened: another program may hold it, or the cable or the hub is too weak.",
        plugged.front().place);
  if (refused->id.empty())
    return fmt::format("{} may not be opened by your user: add it to the group apex and log in again.", refused->place);
  return fmt::format("{} ({}) is plugged in, but your user may not open it. {}", refused->place, refused->id, kRule);
}

}  // namespace edgescope::runtime
