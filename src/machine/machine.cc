#include "machine/machine.h"

#include <grp.h>
#include <pwd.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

extern char** environ;

namespace edgescope::machine {
namespace {

namespace fs = std::filesystem;

struct KnownStick {
  std::string_view id;
  Accelerator kind;
  bool started;
};

// Both of an accelerator's ids: it leaves the bus and comes back under the second when its firmware was sent.
constexpr KnownStick kSticks[] = {
    {"1a6e:089a", Accelerator::EdgeTpu, false}, {"18d1:9302", Accelerator::EdgeTpu, true},
    {"03e7:2485", Accelerator::Ncs2, false},    {"03e7:f63b", Accelerator::Ncs2, true},
    {"03e7:2150", Accelerator::Ncs1, false},
};

constexpr const char* kRuleFolders[] = {"/etc/udev/rules.d", "/run/udev/rules.d", "/usr/local/lib/udev/rules.d",
                                        "/usr/lib/udev/rules.d", "/lib/udev/rules.d"};

// Whose versions some check compares.
constexpr std::string_view kPackages[] = {"tflite_runtime", "ai_edge_litert", "tensorflow", "pycoral"};

std::vector<PythonPackage> find_packages(const Machine& machine) {
  std::vector<PythonPackage> packages;
  for (const std::string& interpreter : interpreters(machine))
    for (const std::string& folder : site_folders(machine, interpreter))
      for (const std::string& entry : machine.folder(folder)) {
        const std::size_t dash = entry.find('-');
        const std::string name = entry.substr(0, dash);
        if (!entry.ends_with(".dist-info") ||
            std::find(std::begin(kPackages), std::end(kPackages), name) == std::end(kPackages))
          continue;
        PythonPackage package{name, entry.substr(dash + 1, entry.rfind(".dist-info") - dash - 1), folder};
        if (std::none_of(packages.begin(), packages.end(),
                         [&](const PythonPackage& other) { return other.folder == folder && other.name == name; }))
          packages.push_back(std::move(package));
      }
  return packages;
}

User this_user() {
  User user{.root = geteuid() == 0};
  if (const passwd* entry = getpwuid(geteuid())) user.name = entry->pw_name;
  std::vector<gid_t> ids(static_cast<std::size_t>(std::max(0, getgroups(0, nullptr))));
  if (!ids.empty() && getgroups(static_cast<int>(ids.size()), ids.data()) < 0) ids.clear();
  ids.push_back(getegid());
  for (const gid_t id : ids)
    if (const group* entry = getgrgid(id)) user.groups.emplace_back(entry->gr_name);
  return user;
}

}  // namespace

std::string_view name_of(Accelerator kind) {
  return kind == Accelerator::EdgeTpu ? "edgetpu" : kind == Accelerator::Ncs2 ? "ncs2" : "ncs1";
}

Sight here() {
  Sight sight{.user = this_user(),
              .may_open = [](const std::string& path) { return access(path.c_str(), R_OK | W_OK) == 0; }};
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text = *entry;
    if (const std::size_t equals = text.find('='); equals != std::string_view::npos)
      sight.environment.emplace(text.substr(0, equals), text.substr(equals + 1));
  }
  return sight;
}

Machine::Machine(Sight sight) : sight_(std::move(sight)) {
  host = measure::read_environment(sight_.root.empty() ? "/" : sight_.root);
  usb_listed = runtime::usb_is_listed(sight_.root);
  usb = runtime::usb_devices(sight_.root);
  find_sticks();
  find_pci_corals();
  for (const char* rules : kRuleFolders)
    for (const std::string& name : folder(rules))
      if (name.ends_with(".rules"))
        for (UdevRule& rule : parse_udev_rules(text(std::string(rules) + "/" + name), std::string(rules) + "/" + name))
          udev_rules.push_back(std::move(rule));
  openvinos = find_openvinos(*this);
  packages = find_packages(*this);
}

void Machine::find_sticks() {
  for (const runtime::UsbDevice& device : usb)
    for (const KnownStick& known : kSticks)
      if (device.id == known.id) sticks.push_back({known.kind, known.started, may_open(device.node), device});
}

void Machine::find_pci_corals() {
  const std::string devices = "/sys/bus/pci/devices";
  for (const std::string& place : folder(devices))
    if (text(devices + "/" + place + "/vendor") == "0x1ac1" && text(devices + "/" + place + "/device") == "0x089a")
      pci_corals.push_back(place);
  for (const std::string& name : folder("/dev"))
    if (name.starts_with("apex_")) apex_nodes.push_back("/dev/" + name);
}

std::string Machine::text(const std::string& path) const {
  std::ifstream file(real(path));
  std::ostringstream content;
  content << file.rdbuf();
  std::string result = content.str();
  const std::size_t begin = result.find_first_not_of(" \t\r\n");
  if (begin == std::string::npos) return {};
  return result.substr(begin, result.find_last_not_of(" \t\r\n") - begin + 1);
}

bool Machine::exists(const std::string& path) const {
  std::error_code ignored;
  return !path.empty() && fs::exists(real(path), ignored);
}

std::vector<std::string> Machine::folder(const std::string& path) const {
  std::vector<std::string> names;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(real(path), ignored)) names.push_back(entry.path().filename());
  std::sort(names.begin(), names.end());
  return names;
}

std::string Machine::variable(const std::string& name) const {
  const auto it = sight_.environment.find(name);
  return it == sight_.environment.end() ? std::string() : it->second;
}

std::vector<std::string> Machine::folders(const std::string& name) const {
  std::vector<std::string> result;
  std::istringstream list(variable(name));
  for (std::string entry; std::getline(list, entry, ':');)
    if (!entry.empty()) result.push_back(entry);
  return result;
}

std::vector<const Stick*> Machine::plugged(Accelerator kind) const {
  std::vector<const Stick*> found;
  for (const Stick& stick : sticks)
    if (stick.kind == kind) found.push_back(&stick);
  return found;
}

}  // namespace edgescope::machine
