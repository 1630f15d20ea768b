#include "virtual/device.h"

namespace edgescope::virtual_usb {

std::vector<std::uint8_t> Device::device_descriptor() const {
  const auto low = [](std::uint16_t value) { return static_cast<std::uint8_t>(value & 0xFF); };
  const auto high = [](std::uint16_t value) { return static_cast<std::uint8_t>(value >> 8); };
  const bool super = speed() == Speed::Super;
  const std::uint16_t release = super ? 0x0310 : 0x0200;
  const std::uint8_t packet = super ? 9 : 64;  // an exponent of 2 for USB 3
  return {18,
          1,
          low(release),
          high(release),
          0,
          0,
          0,
          packet,
          low(vendor()),
          high(vendor()),
          low(product()),
          high(product()),
          0x00,
          0x01,
          0,
          0,
          0,
          1};
}

}  // namespace edgescope::virtual_usb
