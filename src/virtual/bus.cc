#include "virtual/bus.h"

#include <libusb-1.0/libusb.h>

#include <algorithm>
#include <chrono>
#include <cstring>

namespace edgescope::virtual_usb {

int Bus::control(std::size_t device, const Setup& setup, std::uint8_t* data) {
  const std::lock_guard lock(mutex_);
  const bool to_host = setup.request_type & LIBUSB_ENDPOINT_IN;
  const auto answer = devices_[device]->control(
      setup, to_host ? std::span<const std::uint8_t>{} : std::span<const std::uint8_t>(data, setup.length));
  if (!answer) return LIBUSB_ERROR_PIPE;
  deliver();
  if (!to_host) return setup.length;
  const std::size_t size = std::min<std::size_t>(answer->size(), setup.length);
  std::memcpy(data, answer->data(), size);
  return static_cast<int>(size);
}

int Bus::out(std::size_t device, std::uint8_t endpoint, std::span<const std::uint8_t> data) {
  const std::lock_guard lock(mutex_);
  if (!devices_[device]->bulk_out(endpoint, data)) return LIBUSB_ERROR_PIPE;
  deliver();
  return static_cast<int>(data.size());
}

int Bus::in(std::size_t device, std::uint8_t endpoint, std::span<std::uint8_t> data, unsigned timeout_ms) {
  std::unique_lock lock(mutex_);
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::milliseconds(timeout_ms);
  while (true) {
    if (const auto packet = devices_[device]->in(endpoint, data.size())) {
      std::memcpy(data.data(), packet->data(), packet->size());
      deliver();  // what was read may be what something else waited for
      return static_cast<int>(packet->size());
    }
    if (!devices_[device]->present()) return LIBUSB_ERROR_NO_DEVICE;
    if (timeout_ms == 0)
      changed_.wait(lock);
    else if (changed_.wait_until(lock, deadline) == std::cv_status::timeout)
      return LIBUSB_ERROR_TIMEOUT;
  }
}

int Bus::submit(std::size_t device, libusb_transfer* transfer) {
  const std::lock_guard lock(mutex_);
  if (transfer->endpoint & LIBUSB_ENDPOINT_IN) {
    waiting_.push_back({device, transfer});
  } else {
    const std::span<const std::uint8_t> data(transfer->buffer, static_cast<std::size_t>(transfer->length));
    const bool taken = devices_[device]->bulk_out(transfer->endpoint, data);
    complete(transfer, taken ? LIBUSB_TRANSFER_COMPLETED : LIBUSB_TRANSFER_STALL, taken ? transfer->length : 0);
  }
  deliver();
  return 0;
}

int Bus::cancel(libusb_transfer* transfer) {
  const std::lock_guard lock(mutex_);
  const auto it =
      std::find_if(waiting_.begin(), waiting_.end(), [&](const Waiting& w) { return w.transfer == transfer; });
  if (it == waiting_.end()) return LIBUSB_ERROR_NOT_FOUND;
  waiting_.erase(it);
  complete(transfer, LIBUSB_TRANSFER_CANCELLED, 0);
  return 0;
}

void Bus::deliver() {
  for (auto it = waiting_.begin(); it != waiting_.end();) {
    libusb_transfer* transfer = it->transfer;
    const auto packet = devices_[it->device]->in(transfer->endpoint, static_cast<std::size_t>(transfer->length));
    if (!packet) {
      ++it;
      continue;
    }
    std::memcpy(transfer->buffer, packet->data(), packet->size());
    complete(transfer, LIBUSB_TRANSFER_COMPLETED, static_cast<int>(packet->size()));
    it = waiting_.erase(it);
  }
  changed_.notify_all();
}

void Bus::complete(libusb_transfer* transfer, int status, int length) {
  transfer->status = static_cast<libusb_transfer_status>(status);
  transfer->actual_length = length;
  done_.push_back(transfer);
  changed_.notify_all();
}

void Bus::handle_events(unsigned timeout_ms, void (*release)(libusb_transfer*)) {
  std::deque<libusb_transfer*> ready;
  {
    std::unique_lock lock(mutex_);
    const std::uint64_t seen = wakes_;
    changed_.wait_for(lock, std::chrono::milliseconds(timeout_ms), [&] { return !done_.empty() || wakes_ != seen; });
    ready.swap(done_);
  }
  for (libusb_transfer* transfer : ready) {
    // The callback may free or resubmit the transfer: what is needed afterwards is read before.
    const bool free_it = transfer->flags & LIBUSB_TRANSFER_FREE_TRANSFER;
    if (transfer->callback) transfer->callback(transfer);
    if (free_it) release(transfer);
  }
}

void Bus::wake() {
  const std::lock_guard lock(mutex_);
  ++wakes_;
  changed_.notify_all();
}

void Bus::reset(std::size_t device) {
  const std::lock_guard lock(mutex_);
  devices_[device]->reset();
  deliver();
}

void Bus::opened(std::size_t device) {
  const std::lock_guard lock(mutex_);
  devices_[device]->opened();
}

void Bus::closed(std::size_t device) {
  const std::lock_guard lock(mutex_);
  devices_[device]->closed();
}

}  // namespace edgescope::virtual_usb
