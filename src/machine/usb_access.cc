#include "machine/usb_access.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <sstream>

namespace edgescope::machine {
namespace {

constexpr double kUsb3Megabits = 5000;

std::string named(const Stick& stick) { return fmt::format("{} ({})", stick.usb.place, stick.usb.id); }

const UdevRule* rule_for(const Machine& machine, std::string_view id) {
  const auto it = std::find_if(machine.udev_rules.begin(), machine.udev_rules.end(),
                               [&](const UdevRule& rule) { return rule.covers(id); });
  return it == machine.udev_rules.end() ? nullptr : &*it;
}

bool lets_in(const UdevRule& rule, const User& user) {
  return rule.everyone || std::find(user.groups.begin(), user.groups.end(), rule.group) != user.groups.end();
}

std::string missing_rules(const UsbIds& ids) {
  std::string lines;
  for (std::string_view id : {ids.before, ids.after})
    lines += fmt::format(
        "{}`SUBSYSTEM==\"usb\", ATTRS{{idVendor}}==\"{}\", ATTRS{{idProduct}}==\"{}\", MODE=\"0660\", "
        "GROUP=\"plugdev\"`",
        lines.empty() ? "" : " and ", id.substr(0, 4), id.substr(5));
  return fmt::format(
      "Write {} into /etc/udev/rules.d/99-edgescope.rules, run `sudo udevadm control --reload-rules` and `sudo usermod "
      "-aG plugdev $USER`, log in again and plug the stick in again.",
      lines);
}

// Why one of its ids is closed to this user; empty where it is not.
Outcome closed(const Machine& machine, const Stick& stick, std::string_view id, const UsbIds& ids) {
  const UdevRule* rule = rule_for(machine, id);
  const bool later = id != stick.usb.id;
  const std::string what =
      later ? fmt::format("{} may be opened now, but it comes back as {} when its firmware was sent, and ",
                          named(stick), id)
            : fmt::format("{} is plugged in and may not be opened by {}: ", named(stick), machine.user().name);
  if (rule == nullptr) return {State::Problem, what + fmt::format("no udev rule names {}.", id), missing_rules(ids)};
  if (!lets_in(*rule, machine.user()))
    return {State::Problem,
            what + fmt::format("{} gives it to the group {}, which {} is not in.", rule->file, rule->group,
                               machine.user().name),
            fmt::format("`sudo usermod -aG {} $USER`, then log in again.", rule->group)};
  if (later) return {State::Ok, ""};
  return {State::Problem,
          what + fmt::format("{} would let {} in, but was not applied.", rule->file, machine.user().name),
          "`sudo udevadm control --reload-rules`, then plug the stick in again."};
}

// cgroup v1 lists what is allowed; v2 tells nobody.
bool allows_usb(const std::string& list) {
  std::istringstream lines(list);
  for (std::string line; std::getline(lines, line);)
    if (line.starts_with("a ") || line.starts_with("c 189:*") || line.starts_with("c *:*")) return true;
  return false;
}

}  // namespace

Outcome look_at_access(const Machine& machine, Accelerator kind, const UsbIds& ids) {
  if (!machine.usb_listed) return {State::Unseen, "This program is shown no USB devices (/sys/bus/usb is not there)."};
  const auto sticks = machine.plugged(kind);
  if (sticks.empty()) return {State::NotApplicable, "None is plugged in."};
  if (machine.container()) {  // the rules are the host's
    for (const Stick* stick : sticks)
      if (!stick->accessible)
        return {State::Problem, fmt::format("{} may not be opened from this container.", named(*stick)),
                "See the check of the container."};
    return {State::Ok, "Every stick may be opened from this container."};
  }
  if (machine.user().root) return {State::Ok, "You are root, who may open everything; other users may not."};
  for (const Stick* stick : sticks)
    for (std::string_view id : {ids.before, ids.after}) {
      if (id == stick->usb.id ? stick->accessible : stick->started) continue;
      if (Outcome outcome = closed(machine, *stick, id, ids); outcome.state == State::Problem) return outcome;
    }
  return {State::Ok, fmt::format("{} may be opened under both of its ids.", named(*sticks.front()))};
}

Outcome look_at_container(const Machine& machine, Accelerator kind) {
  if (!machine.container()) return {State::NotApplicable, "This is no container."};
  if (!machine.usb_listed) return {State::Unseen, "This container is shown no USB devices."};
  const auto sticks = machine.plugged(kind);
  if (sticks.empty()) return {State::NotApplicable, "None is plugged in."};
  if (!machine.exists("/dev/bus/usb"))
    return {State::Problem,
            fmt::format("{} is plugged in, but /dev/bus/usb is not in this container.", named(*sticks.front()))};
  for (const Stick* stick : sticks)
    if (!machine.exists(stick->usb.node))
      return {
          State::Problem,
          fmt::format("{} is plugged in, but its node {} is not in this container: single devices were passed in, not "
                      "the folder.",
                      named(*stick), stick->usb.node)};
  const std::string allowed = machine.text("/sys/fs/cgroup/devices/devices.list");
  if (allowed.empty())
    return {State::Unseen,
            "/dev/bus/usb is here; whether the control group lets USB devices be opened after they come back "
            "is not told to programs inside."};
  if (!allows_usb(allowed))
    return {State::Problem, "The control group of this container has no rule for USB devices (`c 189:* rmw`)."};
  return {State::Ok, "/dev/bus/usb is here, and the control group allows all USB devices."};
}

Outcome look_at_link(const Machine& machine, Accelerator kind) {
  if (!machine.usb_listed) return {State::Unseen, "This program is shown no USB devices (/sys/bus/usb is not there)."};
  const auto sticks = machine.plugged(kind);
  if (sticks.empty()) return {State::NotApplicable, "None is plugged in on USB."};
  for (const Stick* stick : sticks) {
    const runtime::UsbDevice& usb = stick->usb;
    // Before the firmware runs the speed is that of the boot loader.
    if (stick->started && usb.megabits > 0 && usb.megabits < kUsb3Megabits)
      return {State::Problem, fmt::format("{} talks at {:g} Mbit/s: this is USB 2, USB 3 has {:g}.", named(*stick),
                                          usb.megabits, kUsb3Megabits)};
    const auto hub = std::find_if(machine.usb.begin(), machine.usb.end(), [&](const runtime::UsbDevice& device) {
      return device.hub && device.place == usb.parent();
    });
    if (hub == machine.usb.end()) continue;
    std::vector<std::string> others;
    for (const runtime::UsbDevice& device : machine.usb)
      if (device.place != usb.place && device.parent() == hub->place)
        others.push_back(device.place + " (" + device.id + ")");
    if (!others.empty())
      return {State::Problem,
              fmt::format("{} shares the hub {} with {}.", named(*stick), hub->place, fmt::join(others, ", "))};
    if (hub->own_power == false)
      return {State::Problem,
              fmt::format("{} hangs on the hub {}, which has no power supply of its own.", named(*stick), hub->place)};
  }
  if (kind == Accelerator::EdgeTpu && machine.host.virtualisation != "none")
    return {State::Problem,
            fmt::format("This is a virtual machine ({}); {} reaches it through the hypervisor's USB.",
                        machine.host.virtualisation, named(*sticks.front())),
            "Pass the whole USB controller (PCI) into the virtual machine instead of the single device; if you pass "
            "devices, pass both ids."};
  const auto waiting = std::find_if(sticks.begin(), sticks.end(), [](const Stick* stick) { return !stick->started; });
  if (waiting != sticks.end())
    return {State::Unseen,
            fmt::format("{} has not been used since it was plugged in, and shows its speed only after that.",
                        named(**waiting)),
            "Run an inference, then `edgescope doctor` again."};
  return {State::Ok, fmt::format("{} talks at {:g} Mbit/s and shares no hub.", named(*sticks.front()),
                                 sticks.front()->usb.megabits)};
}

}  // namespace edgescope::machine
