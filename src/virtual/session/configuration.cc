#include "virtual/session/configuration.h"

#include <libusb-1.0/libusb.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <vector>

namespace edgescope::virtual_usb {
namespace {

// libusb's structures point to each other; here they live and end together.
struct Configuration {
  libusb_config_descriptor configuration{};
  libusb_interface interface {};
  libusb_interface_descriptor setting{};
  std::vector<libusb_endpoint_descriptor> endpoints;
};

}  // namespace

libusb_config_descriptor* parse_configuration(std::span<const std::uint8_t> bytes) {
  auto made = std::make_unique<Configuration>();
  // The beginnings of libusb's structures are the descriptors as they go over the wire.
  while (bytes.size() >= 2 && bytes[0] >= 2 && bytes[0] <= bytes.size()) {
    const std::size_t length = bytes[0];
    switch (bytes[1]) {
      case LIBUSB_DT_CONFIG:
        std::memcpy(&made->configuration, bytes.data(), std::min<std::size_t>(length, 9));
        break;
      case LIBUSB_DT_INTERFACE:
        std::memcpy(&made->setting, bytes.data(), std::min<std::size_t>(length, 9));
        break;
      case LIBUSB_DT_ENDPOINT:
        std::memcpy(&made->endpoints.emplace_back(), bytes.data(), std::min<std::size_t>(length, 7));
        break;
      default:
        break;
    }
    bytes = bytes.subspan(length);
  }
  if (made->configuration.bNumInterfaces != 1 || made->setting.bNumEndpoints != made->endpoints.size()) return nullptr;
  made->setting.endpoint = made->endpoints.data();
  made->interface = {.altsetting = &made->setting, .num_altsetting = 1};
  made->configuration.interface = &made->interface;
  return &made.release()->configuration;
}

void free_configuration(libusb_config_descriptor* configuration) {
  delete reinterpret_cast<Configuration*>(configuration);
}

}  // namespace edgescope::virtual_usb
