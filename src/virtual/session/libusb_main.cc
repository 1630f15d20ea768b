// A stand-in for libusb-1.0.so.0: the functions that the vendors' runtimes call, on a simulated bus.
// Placed first in the library path of a worker process, it makes sticks without hardware.
#include <libusb-1.0/libusb.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "virtual/bus.h"
#include "virtual/session/configuration.h"
#include "virtual/session/session.h"

using edgescope::virtual_usb::Bus;
using edgescope::virtual_usb::Log;
using edgescope::virtual_usb::Recorder;
using edgescope::virtual_usb::Speed;

struct libusb_context {};
struct libusb_device {
  std::size_t index;
};
struct libusb_device_handle {
  libusb_device* device;
};

namespace {

// One bus a process: contexts are only names for it. Never destroyed, as event threads may outlive main().
struct World {
  std::shared_ptr<Bus> bus;
  std::shared_ptr<Recorder> recorder;
  libusb_context context;
  std::vector<libusb_device> devices;
};

World& world() {
  static World* const instance = [] {
    auto* made = new World;
    const char* path = std::getenv("EDGESCOPE_VIRTUAL_USB");
    auto session = edgescope::virtual_usb::open_session(path ? path : "");
    if (session) {
      made->bus = session->bus;
      made->recorder = session->recorder;
    } else {
      std::fprintf(stderr, "edgescope's virtual USB: %s\n", session.error().message().c_str());
      made->bus = std::make_shared<Bus>(std::vector<std::unique_ptr<edgescope::virtual_usb::Device>>{});
    }
    for (std::size_t i = 0; i < made->bus->size(); ++i) made->devices.push_back({i});
    return made;
  }();
  return *instance;
}

// Writes a synchronous transfer down, where that is wanted; `result` is a count of bytes or an error.
void record(libusb_device_handle* handle, const char* type, std::uint8_t endpoint, double begin,
            const unsigned char* data, std::size_t wanted, int result) {
  if (!world().recorder) return;
  world().recorder->finished(edgescope::virtual_usb::device_path(handle->device->index),
                             {.type = type,
                              .endpoint = endpoint,
                              .begin_us = begin,
                              .wanted = wanted,
                              .data = {data, static_cast<std::size_t>(std::max(result, 0))},
                              .status = result >= 0                      ? "completed"
                                        : result == LIBUSB_ERROR_TIMEOUT ? "timed out"
                                                                         : "stalled"});
}

int submit(libusb_transfer* transfer) { return world().bus->submit(transfer->dev_handle->device->index, transfer); }

}  // namespace

#pragma GCC visibility push(default)
extern "C" {

int LIBUSB_CALL libusb_init(libusb_context** context) {
  if (context) *context = &world().context;
  return 0;
}
void LIBUSB_CALL libusb_exit(libusb_context*) {}
int LIBUSB_CALL libusb_set_option(libusb_context*, enum libusb_option, ...) { return 0; }
void LIBUSB_CALL libusb_set_debug(libusb_context*, int) {}
const char* LIBUSB_CALL libusb_error_name(int code) { return libusb_strerror(code); }
const char* LIBUSB_CALL libusb_strerror(int code) { return code == 0 ? "success" : "error of the simulated bus"; }
int LIBUSB_CALL libusb_has_capability(uint32_t) { return 0; }

ssize_t LIBUSB_CALL libusb_get_device_list(libusb_context*, libusb_device*** list) {
  std::vector<libusb_device>& devices = world().devices;
  *list = static_cast<libusb_device**>(std::calloc(devices.size() + 1, sizeof(libusb_device*)));
  for (std::size_t i = 0; i < devices.size(); ++i) (*list)[i] = &devices[i];
  return static_cast<ssize_t>(devices.size());
}
void LIBUSB_CALL libusb_free_device_list(libusb_device** list, int) { std::free(list); }
libusb_device* LIBUSB_CALL libusb_ref_device(libusb_device* device) { return device; }
void LIBUSB_CALL libusb_unref_device(libusb_device*) {}

int LIBUSB_CALL libusb_get_device_descriptor(libusb_device* device, libusb_device_descriptor* descriptor) {
  // The structure is the descriptor as it goes over the wire, on a little-endian machine.
  const auto bytes = world().bus->device(device->index).device_descriptor();
  std::memcpy(descriptor, bytes.data(), std::min(bytes.size(), sizeof *descriptor));
  return 0;
}
int LIBUSB_CALL libusb_get_config_descriptor(libusb_device* device, uint8_t, libusb_config_descriptor** configuration) {
  *configuration =
      edgescope::virtual_usb::parse_configuration(world().bus->device(device->index).configuration_descriptor());
  return *configuration ? 0 : LIBUSB_ERROR_NOT_FOUND;
}
void LIBUSB_CALL libusb_free_config_descriptor(libusb_config_descriptor* configuration) {
  edgescope::virtual_usb::free_configuration(configuration);
}
uint8_t LIBUSB_CALL libusb_get_bus_number(libusb_device*) { return 1; }
uint8_t LIBUSB_CALL libusb_get_port_number(libusb_device* device) { return static_cast<uint8_t>(device->index + 1); }
int LIBUSB_CALL libusb_get_port_numbers(libusb_device* device, uint8_t* ports, int length) {
  if (length < 1) return LIBUSB_ERROR_OVERFLOW;
  ports[0] = libusb_get_port_number(device);
  return 1;
}
uint8_t LIBUSB_CALL libusb_get_device_address(libusb_device* device) { return static_cast<uint8_t>(device->index + 2); }
int LIBUSB_CALL libusb_get_device_speed(libusb_device* device) {
  return world().bus->device(device->index).speed() == Speed::Super ? LIBUSB_SPEED_SUPER : LIBUSB_SPEED_HIGH;
}

int LIBUSB_CALL libusb_open(libusb_device* device, libusb_device_handle** handle) {
  *handle = new libusb_device_handle{device};
  world().bus->opened(device->index);
  const auto& opened = world().bus->device(device->index);
  if (world().recorder)
    world().recorder->opened(edgescope::virtual_usb::device_path(device->index), opened.vendor(), opened.product(),
                             opened.speed() == Speed::Super);
  return 0;
}
void LIBUSB_CALL libusb_close(libusb_device_handle* handle) {
  world().bus->closed(handle->device->index);
  world().bus->wake();
  delete handle;
}
libusb_device* LIBUSB_CALL libusb_get_device(libusb_device_handle* handle) { return handle->device; }
int LIBUSB_CALL libusb_set_configuration(libusb_device_handle*, int) { return 0; }
int LIBUSB_CALL libusb_get_configuration(libusb_device_handle*, int* configuration) {
  *configuration = 1;
  return 0;
}
int LIBUSB_CALL libusb_claim_interface(libusb_device_handle*, int) { return 0; }
int LIBUSB_CALL libusb_release_interface(libusb_device_handle*, int) { return 0; }
int LIBUSB_CALL libusb_kernel_driver_active(libusb_device_handle*, int) { return 0; }
int LIBUSB_CALL libusb_detach_kernel_driver(libusb_device_handle*, int) { return 0; }
int LIBUSB_CALL libusb_reset_device(libusb_device_handle* handle) {
  world().bus->reset(handle->device->index);
  return 0;
}

int LIBUSB_CALL libusb_control_transfer(libusb_device_handle* handle, uint8_t type, uint8_t request, uint16_t value,
                                        uint16_t index, unsigned char* data, uint16_t length, unsigned int) {
  const double begin = Log::now();
  const int result = world().bus->control(handle->device->index, {type, request, value, index, length}, data);
  record(handle, "control", type & LIBUSB_ENDPOINT_IN, begin, data, length, result);
  return result;
}

static int synchronous(libusb_device_handle* handle, const char* type, unsigned char endpoint, unsigned char* data,
                       int length, int* transferred, unsigned int timeout) {
  const auto size = static_cast<std::size_t>(length);
  const std::size_t device = handle->device->index;
  const double begin = Log::now();
  const int result = endpoint & LIBUSB_ENDPOINT_IN ? world().bus->in(device, endpoint, {data, size}, timeout)
                                                   : world().bus->out(device, endpoint, {data, size});
  record(handle, type, endpoint, begin, data, size, result);
  if (transferred) *transferred = std::max(result, 0);
  return std::min(result, 0);
}
int LIBUSB_CALL libusb_bulk_transfer(libusb_device_handle* handle, unsigned char endpoint, unsigned char* data,
                                     int length, int* transferred, unsigned int timeout) {
  return synchronous(handle, "bulk", endpoint, data, length, transferred, timeout);
}
int LIBUSB_CALL libusb_interrupt_transfer(libusb_device_handle* handle, unsigned char endpoint, unsigned char* data,
                                          int length, int* transferred, unsigned int timeout) {
  return synchronous(handle, "interrupt", endpoint, data, length, transferred, timeout);
}

libusb_transfer* LIBUSB_CALL libusb_alloc_transfer(int packets) {
  const std::size_t size =
      sizeof(libusb_transfer) + static_cast<std::size_t>(packets) * sizeof(libusb_iso_packet_descriptor);
  return static_cast<libusb_transfer*>(std::calloc(1, size));
}
void LIBUSB_CALL libusb_free_transfer(libusb_transfer* transfer) {
  if (transfer && (transfer->flags & LIBUSB_TRANSFER_FREE_BUFFER)) std::free(transfer->buffer);
  std::free(transfer);
}
int LIBUSB_CALL libusb_submit_transfer(libusb_transfer* transfer) {
  if (!world().recorder) return submit(transfer);
  return world().recorder->submit(edgescope::virtual_usb::device_path(transfer->dev_handle->device->index), transfer,
                                  submit);
}
int LIBUSB_CALL libusb_cancel_transfer(libusb_transfer* transfer) { return world().bus->cancel(transfer); }

int LIBUSB_CALL libusb_handle_events(libusb_context*) {
  constexpr unsigned kMilliseconds = 100;
  world().bus->handle_events(kMilliseconds, libusb_free_transfer);
  return 0;
}
int LIBUSB_CALL libusb_handle_events_timeout_completed(libusb_context*, timeval* limit, int*) {
  world().bus->handle_events(static_cast<unsigned>(limit->tv_sec * 1000 + limit->tv_usec / 1000), libusb_free_transfer);
  return 0;
}
int LIBUSB_CALL libusb_handle_events_timeout(libusb_context* context, timeval* limit) {
  return libusb_handle_events_timeout_completed(context, limit, nullptr);
}

}  // extern "C"
#pragma GCC visibility pop
