// Rules by which the system gives users access to USB devices.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace edgescope::machine {

// One line that gives access to something.
struct UdevRule {
  std::string file;
  std::string vendor, product;  // as the rule says them, patterns may be in them; an empty product is any
  std::string group;            // GROUP=, empty where none is named
  bool everyone = false;        // MODE= lets all read and write, or the seat's user gets access (uaccess)

  bool covers(std::string_view id) const;  // "03e7:2485"
};

std::vector<UdevRule> parse_udev_rules(const std::string& text, const std::string& file);

}  // namespace edgescope::machine
