#include "virtual/recorder.h"

#include <fmt/format.h>
#include <libusb-1.0/libusb.h>

#include <algorithm>

namespace edgescope::virtual_usb {
namespace {

// Enough to read the headers and events of the devices that we know, and no more of anybody's data.
constexpr std::size_t kHeadBytes = 16;

const char* type_name(unsigned char type) {
  switch (type) {
    case LIBUSB_TRANSFER_TYPE_CONTROL:
      return "control";
    case LIBUSB_TRANSFER_TYPE_INTERRUPT:
      return "interrupt";
    case LIBUSB_TRANSFER_TYPE_ISOCHRONOUS:
      return "isochronous";
    default:
      return "bulk";
  }
}

const char* status_name(int status) {
  switch (status) {
    case LIBUSB_TRANSFER_COMPLETED:
      return "completed";
    case LIBUSB_TRANSFER_TIMED_OUT:
      return "timed out";
    case LIBUSB_TRANSFER_CANCELLED:
      return "cancelled";
    case LIBUSB_TRANSFER_STALL:
      return "stalled";
    case LIBUSB_TRANSFER_NO_DEVICE:
      return "device gone";
    case LIBUSB_TRANSFER_OVERFLOW:
      return "overflow";
    default:
      return "error";
  }
}

// A process has one recorder, and a callback gets nothing of ours.
Recorder* current = nullptr;

}  // namespace

void Recorder::opened(const std::string& device, std::uint16_t vendor, std::uint16_t product, bool super_speed) {
  log_->write(
      device,
      {{"event", "device"}, {"vendor", vendor}, {"product", product}, {"speed", super_speed ? "usb3" : "usb2"}});
}

void Recorder::finished(const std::string& device, const Finished& transfer) {
  std::string head;
  for (std::uint8_t byte : transfer.data.first(std::min(transfer.data.size(), kHeadBytes)))
    head += fmt::format("{:02x}", byte);
  log_->write(device, {{"event", "transfer"},
                       {"begin_us", transfer.begin_us},
                       {"type", transfer.type},
                       {"endpoint", transfer.endpoint},
                       {"wanted", transfer.wanted},
                       {"bytes", transfer.data.size()},
                       {"status", transfer.status},
                       {"head", head}});
}

int Recorder::submit(const std::string& device, libusb_transfer* transfer, int (*serve)(libusb_transfer*)) {
  {
    const std::lock_guard lock(mutex_);
    current = this;
    submitted_[transfer] = {device, Log::now(), transfer->callback};
    transfer->callback = over;
  }
  const int result = serve(transfer);
  if (result == 0) return 0;
  const std::lock_guard lock(mutex_);
  const auto it = submitted_.find(transfer);
  if (it == submitted_.end()) return result;
  transfer->callback = it->second.callback;
  submitted_.erase(it);
  return result;
}

void Recorder::over(libusb_transfer* transfer) {
  Submitted of;
  {
    const std::lock_guard lock(current->mutex_);
    const auto it = current->submitted_.find(transfer);
    if (it == current->submitted_.end()) return;
    of = std::move(it->second);
    current->submitted_.erase(it);
  }
  transfer->callback = of.callback;
  const std::size_t setup = transfer->type == LIBUSB_TRANSFER_TYPE_CONTROL ? LIBUSB_CONTROL_SETUP_SIZE : 0;
  current->finished(of.device, {.type = type_name(transfer->type),
                                .endpoint = transfer->endpoint,
                                .begin_us = of.begin_us,
                                .wanted = static_cast<std::size_t>(transfer->length) - setup,
                                .data = {transfer->buffer + setup, static_cast<std::size_t>(transfer->actual_length)},
                                .status = status_name(transfer->status)});
  if (of.callback) of.callback(transfer);
}

}  // namespace edgescope::virtual_usb
