// The simulated bus behind the stand-in libusb: devices, transfers that wait for data, completions that
// the application's event thread collects.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <list>
#include <memory>
#include <mutex>
#include <vector>

#include "virtual/device.h"

struct libusb_transfer;

namespace edgescope::virtual_usb {

class Bus {
 public:
  explicit Bus(std::vector<std::unique_ptr<Device>> devices) : devices_(std::move(devices)) {}

  std::size_t size() const { return devices_.size(); }
  Device& device(std::size_t index) { return *devices_[index]; }

  // Synchronous transfers; the count of bytes, or a negative libusb error.
  int control(std::size_t device, const Setup& setup, std::uint8_t* data);
  int out(std::size_t device, std::uint8_t endpoint, std::span<const std::uint8_t> data);
  int in(std::size_t device, std::uint8_t endpoint, std::span<std::uint8_t> data, unsigned timeout_ms);

  // Asynchronous ones: complete at once, or wait for data until cancelled. 0 or a libusb error.
  int submit(std::size_t device, libusb_transfer* transfer);
  int cancel(libusb_transfer* transfer);

  // Runs callbacks of completed transfers; waits for one, a wake-up or the time limit. `release` gets the
  // transfers that asked to be freed.
  void handle_events(unsigned timeout_ms, void (*release)(libusb_transfer*));
  void wake();

  void reset(std::size_t device);
  void opened(std::size_t device);
  void closed(std::size_t device);

 private:
  struct Waiting {
    std::size_t device;
    libusb_transfer* transfer;
  };

  // Hands data that devices have ready to the transfers that wait for it, oldest first.
  void deliver();
  void complete(libusb_transfer* transfer, int status, int length);

  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::unique_ptr<Device>> devices_;
  std::list<Waiting> waiting_;
  std::deque<libusb_transfer*> done_;
  std::uint64_t wakes_ = 0;
};

}  // namespace edgescope::virtual_usb
