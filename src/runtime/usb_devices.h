// USB devices as the system lists them in /sys: who is plugged in where, how fast, behind which hub. Looks at files
// only: nothing is opened or woken.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace edgescope::runtime {

struct UsbDevice {
  std::string place;              // bus and ports: "2-1.4" is port 4 of the hub in port 1 of bus 2
  std::string id;                 // "18d1:9302"
  double megabits = 0;            // of the link, 0 where it is not told
  std::string node;               // "/dev/bus/usb/002/012", by which a program opens it
  bool hub = false;               // a hub that is plugged in; those of the computer itself are not listed
  std::optional<bool> own_power;  // by its own description, with a supply of its own

  std::string parent() const;  // the hub's place; empty in a port of the computer
};

// In the order of their places; `root` stands before /sys. Nothing where the system does not list any.
std::vector<UsbDevice> usb_devices(const std::string& root = "");

// Whether this process sees any list of USB devices at all: some containers do not.
bool usb_is_listed(const std::string& root = "");

}  // namespace edgescope::runtime
