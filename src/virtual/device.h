// A simulated USB device, as the simulated bus sees it: descriptors, control transfers, endpoints.
//
// Both vendors' runtimes reach their sticks through libusb; behind a library of that name (libusb.cc) a
// device is only what answers here. All calls come from one thread at a time (the bus holds its lock).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace edgescope::virtual_usb {

enum class Speed : std::uint8_t { High, Super };  // USB 2, USB 3

struct Setup {
  std::uint8_t request_type = 0, request = 0;
  std::uint16_t value = 0, index = 0, length = 0;
};

class Device {
 public:
  virtual ~Device() = default;

  virtual std::uint16_t vendor() const = 0;
  virtual std::uint16_t product() const = 0;  // may change at a reset, after the firmware has come
  virtual Speed speed() const = 0;
  virtual std::vector<std::uint8_t> configuration_descriptor() const = 0;
  std::vector<std::uint8_t> device_descriptor() const;  // USB 3.1, 9.6.1

  // Answers the bytes of the data stage (device to host), or how many were taken (host to device) as an
  // empty vector; nothing: the device stalls.
  virtual std::optional<std::vector<std::uint8_t>> control(const Setup& setup, std::span<const std::uint8_t> data) = 0;

  // False: the device stalls the endpoint.
  virtual bool bulk_out(std::uint8_t endpoint, std::span<const std::uint8_t> data) = 0;

  // What the device has ready on an IN endpoint, at most `limit` bytes; nothing while it has no packet.
  virtual std::optional<std::vector<std::uint8_t>> in(std::uint8_t endpoint, std::size_t limit) = 0;

  // False where the device has left the bus under a handle that is still open: reading fails.
  virtual bool present() const { return true; }

  virtual void reset() = 0;
  virtual void opened() {}
  virtual void closed() {}
};

}  // namespace edgescope::virtual_usb
