// Sits between any program and libusb-1.0 and writes down its transfers: loaded with LD_PRELOAD, it has libusb's
// functions that move data and passes each call on to the library that the program would have had. Programs do not
// notice.
//
// It does not name itself libusb-1.0.so.0: then it would have to have every function of every version of libusb.
// The log is named by EDGESCOPE_USB_TRACE.
#include <dlfcn.h>
#include <libusb-1.0/libusb.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <mutex>

#include "virtual/recorder.h"

using edgescope::virtual_usb::Log;
using edgescope::virtual_usb::Recorder;

namespace {

struct Passthrough {
  std::unique_ptr<Recorder> recorder;
  std::mutex mutex;
  std::map<libusb_device_handle*, std::string> places;

  decltype(&libusb_close) close;
  decltype(&libusb_get_device) get_device;
  decltype(&libusb_get_device_descriptor) get_device_descriptor;
  decltype(&libusb_get_device_speed) get_device_speed;
  decltype(&libusb_get_bus_number) get_bus_number;
  decltype(&libusb_get_port_numbers) get_port_numbers;
  decltype(&libusb_control_transfer) control_transfer;
  decltype(&libusb_bulk_transfer) bulk_transfer;
  decltype(&libusb_interrupt_transfer) interrupt_transfer;
  decltype(&libusb_submit_transfer) submit_transfer;

  // Bus and ports: they stay while a firmware makes another device of it. At its first use a device is written down.
  const std::string& place(libusb_device_handle* handle) {
    const std::lock_guard lock(mutex);
    const auto [it, fresh] = places.try_emplace(handle);
    if (!fresh) return it->second;
    libusb_device* device = get_device(handle);
    it->second = std::to_string(get_bus_number(device));
    std::uint8_t ports[8];
    const int count = get_port_numbers(device, ports, sizeof ports);
    for (int i = 0; i < count; ++i) it->second += (i == 0 ? "-" : ".") + std::to_string(ports[i]);
    libusb_device_descriptor descriptor{};
    if (recorder && get_device_descriptor(device, &descriptor) == 0)
      recorder->opened(it->second, descriptor.idVendor, descriptor.idProduct,
                       get_device_speed(device) >= LIBUSB_SPEED_SUPER);
    return it->second;
  }
};

// Never destroyed: event threads may outlive main().
Passthrough& passthrough() {
  static Passthrough* const instance = [] {
    auto* made = new Passthrough;
    // By its name: the one that the program has loaded, or would load.
    void* library = dlopen("libusb-1.0.so.0", RTLD_NOW | RTLD_LOCAL);
    const auto find = [&](const char* name, auto& function) {
      function = reinterpret_cast<std::decay_t<decltype(function)>>(library ? dlsym(library, name) : nullptr);
      if (function == nullptr) {
        std::fprintf(stderr, "edgescope trace: libusb-1.0.so.0 or its %s is missing\n", name);
        std::abort();
      }
    };
    find("libusb_close", made->close);
    find("libusb_get_device", made->get_device);
    find("libusb_get_device_descriptor", made->get_device_descriptor);
    find("libusb_get_device_speed", made->get_device_speed);
    find("libusb_get_bus_number", made->get_bus_number);
    find("libusb_get_port_numbers", made->get_port_numbers);
    find("libusb_control_transfer", made->control_transfer);
    find("libusb_bulk_transfer", made->bulk_transfer);
    find("libusb_interrupt_transfer", made->interrupt_transfer);
    find("libusb_submit_transfer", made->submit_transfer);
    if (const char* path = std::getenv("EDGESCOPE_USB_TRACE")) {
      if (auto log = Log::open(path))
        made->recorder = std::make_unique<Recorder>(std::move(*log));
      else
        std::fprintf(stderr, "edgescope trace: %s\n", log.error().message().c_str());
    }
    return made;
  }();
  return *instance;
}

// libusb makes its synchronous transfers out of asynchronous ones, and may call itself through us.
thread_local bool inside = false;

int synchronous(decltype(&libusb_bulk_transfer) function, const char* type, libusb_device_handle* handle,
                unsigned char endpoint, unsigned char* data, int length, int* transferred, unsigned int timeout) {
  Passthrough& real = passthrough();
  if (!real.recorder || inside) return function(handle, endpoint, data, length, transferred, timeout);
  const std::string& place = real.place(handle);
  int moved = 0;
  const double begin = Log::now();
  inside = true;
  const int result = function(handle, endpoint, data, length, &moved, timeout);
  inside = false;
  real.recorder->finished(place, {.type = type,
                                  .endpoint = endpoint,
                                  .begin_us = begin,
                                  .wanted = static_cast<std::size_t>(length),
                                  .data = {data, static_cast<std::size_t>(std::max(moved, 0))},
                                  .status = result == 0                      ? "completed"
                                            : result == LIBUSB_ERROR_TIMEOUT ? "timed out"
                                            : result == LIBUSB_ERROR_PIPE    ? "stalled"
                                                                             : "error"});
  if (transferred) *transferred = moved;
  return result;
}

}  // namespace

#pragma GCC visibility push(default)
extern "C" {

void LIBUSB_CALL libusb_close(libusb_device_handle* handle) {
  Passthrough& real = passthrough();
  {
    const std::lock_guard lock(real.mutex);
    real.places.erase(handle);
  }
  real.close(handle);
}

int LIBUSB_CALL libusb_control_transfer(libusb_device_handle* handle, uint8_t type, uint8_t request, uint16_t value,
                                        uint16_t index, unsigned char* data, uint16_t length, unsigned int timeout) {
  Passthrough& real = passthrough();
  if (!real.recorder || inside)
    return real.control_transfer(handle, type, request, value, index, data, length, timeout);
  const std::string& place = real.place(handle);
  const double begin = Log::now();
  inside = true;
  const int result = real.control_transfer(handle, type, request, value, index, data, length, timeout);
  inside = false;
  real.recorder->finished(place, {.type = "control",
                                  .endpoint = static_cast<std::uint8_t>(type & LIBUSB_ENDPOINT_IN),
                                  .begin_us = begin,
                                  .wanted = length,
                                  .data = {data, static_cast<std::size_t>(std::max(result, 0))},
                                  .status = result >= 0                      ? "completed"
                                            : result == LIBUSB_ERROR_TIMEOUT ? "timed out"
                                                                             : "stalled"});
  return result;
}

int LIBUSB_CALL libusb_bulk_transfer(libusb_device_handle* handle, unsigned char endpoint, unsigned char* data,
                                     int length, int* transferred, unsigned int timeout) {
  return synchronous(passthrough().bulk_transfer, "bulk", handle, endpoint, data, length, transferred, timeout);
}

int LIBUSB_CALL libusb_interrupt_transfer(libusb_device_handle* handle, unsigned char endpoint, unsigned char* data,
                                          int length, int* transferred, unsigned int timeout) {
  return synchronous(passthrough().interrupt_transfer, "interrupt", handle, endpoint, data, length, transferred,
                     timeout);
}

int LIBUSB_CALL libusb_submit_transfer(libusb_transfer* transfer) {
  Passthrough& real = passthrough();
  if (!real.recorder || inside) return real.submit_transfer(transfer);
  return real.recorder->submit(real.place(transfer->dev_handle), transfer, real.submit_transfer);
}

}  // extern "C"
#pragma GCC visibility pop
