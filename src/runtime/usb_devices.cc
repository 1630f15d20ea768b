#include "runtime/usb_devices.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace edgescope::runtime {
namespace {

namespace fs = std::filesystem;

constexpr const char* kDevices = "/sys/bus/usb/devices";
constexpr int kHubClass = 9;
constexpr unsigned long kSelfPowered = 0x40;  // of bmAttributes

std::string first_word(const fs::path& file) {
  std::string word;
  std::ifstream(file) >> word;
  return word;
}

}  // namespace

std::string UsbDevice::parent() const {
  const std::size_t dot = place.rfind('.');
  return dot == std::string::npos ? std::string() : place.substr(0, dot);
}

bool usb_is_listed(const std::string& root) {
  std::error_code ignored;
  return fs::is_directory(root + kDevices, ignored);
}

std::vector<UsbDevice> usb_devices(const std::string& root) {
  std::vector<UsbDevice> devices;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(root + kDevices, ignored)) {
    const std::string place = entry.path().filename();
    const std::string vendor = first_word(entry.path() / "idVendor");
    // "usb2" is a controller's own hub, "2-1:1.0" an interface of a device.
    if (vendor.empty() || place.find('-') == std::string::npos) continue;
    const int bus = std::atoi(first_word(entry.path() / "busnum").c_str()),
              number = std::atoi(first_word(entry.path() / "devnum").c_str());
    UsbDevice device{.place = place,
                     .id = vendor + ":" + first_word(entry.path() / "idProduct"),
                     .megabits = std::atof(first_word(entry.path() / "speed").c_str()),
                     .node = fmt::format("/dev/bus/usb/{:03}/{:03}", bus, number),
                     .hub = std::strtol(first_word(entry.path() / "bDeviceClass").c_str(), nullptr, 16) == kHubClass};
    if (const std::string attributes = first_word(entry.path() / "bmAttributes"); !attributes.empty())
      device.own_power = (std::strtoul(attributes.c_str(), nullptr, 16) & kSelfPowered) != 0;
    devices.push_back(std::move(device));
  }
  std::sort(devices.begin(), devices.end(), [](const auto& a, const auto& b) { return a.place < b.place; });
  return devices;
}

}  // namespace edgescope::runtime
