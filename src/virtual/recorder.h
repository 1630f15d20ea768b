// Writes down the transfers of a program that uses libusb, whatever library serves them: the simulated bus or,
// in pass-through mode, the system's own libusb.
//
// An asynchronous transfer is over when its callback is called, so the callback is put behind one of ours while
// the transfer is under way. The program sees its own again before it is called.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <unordered_map>

#include "virtual/log.h"

struct libusb_transfer;

namespace edgescope::virtual_usb {

class Recorder {
 public:
  explicit Recorder(std::shared_ptr<Log> log) : log_(std::move(log)) {}

  void opened(const std::string& device, std::uint16_t vendor, std::uint16_t product, bool super_speed);

  struct Finished {
    const char* type = "bulk";  // "control", "interrupt"
    std::uint8_t endpoint = 0;
    double begin_us = 0;
    std::size_t wanted = 0;
    std::span<const std::uint8_t> data;  // what went over the bus; of control transfers behind the setup packet
    const char* status = "completed";
  };
  void finished(const std::string& device, const Finished& transfer);

  // Submits by `serve` and writes the transfer down when it is over.
  int submit(const std::string& device, libusb_transfer* transfer, int (*serve)(libusb_transfer*));

 private:
  struct Submitted {
    std::string device;
    double begin_us;
    void (*callback)(libusb_transfer*);
  };
  static void over(libusb_transfer* transfer);

  std::shared_ptr<Log> log_;
  std::mutex mutex_;
  std::unordered_map<libusb_transfer*, Submitted> submitted_;
};

}  // namespace edgescope::virtual_usb
