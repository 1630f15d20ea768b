// A device's configuration in the structures in which libusb hands it out: one interface, its endpoints.
#pragma once

#include <cstdint>
#include <span>

struct libusb_config_descriptor;

namespace edgescope::virtual_usb {

// From the bytes as they go over the wire; null where they are no configuration of one interface.
libusb_config_descriptor* parse_configuration(std::span<const std::uint8_t> bytes);
void free_configuration(libusb_config_descriptor* configuration);

}  // namespace edgescope::virtual_usb
