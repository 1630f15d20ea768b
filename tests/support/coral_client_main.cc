// The driver's side of a Coral stick's protocol on top of libusb, written for the tests: downloads a firmware where the
// stick has none, uploads cached parameters once and infers. It sends zeros in place of the model's data, for only
// lengths count.
//
//   coral_client MODEL INFERENCES [wrong-input]
#include <libusb-1.0/libusb.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include "base/mapped_file.h"
#include "format/edgetpu/package.h"
#include "format/tflite/reader.h"

namespace {

using edgescope::format::edgetpu::DmaStep;
using edgescope::format::edgetpu::Executable;
using edgescope::format::edgetpu::ExecutableType;
using Bytes = std::vector<unsigned char>;

constexpr unsigned kTimeout = 10'000;
constexpr int kChunk = 1 << 20;

[[noreturn]] void fail(const char* what) {
  std::fprintf(stderr, "coral_client: %s\n", what);
  _exit(1);
}

libusb_device_handle* open_stick(std::uint16_t vendor, std::uint16_t product) {
  libusb_device** list = nullptr;
  const ssize_t count = libusb_get_device_list(nullptr, &list);
  libusb_device_handle* handle = nullptr;
  for (ssize_t i = 0; i < count && !handle; ++i) {
    libusb_device_descriptor descriptor;
    libusb_get_device_descriptor(list[i], &descriptor);
    if (descriptor.idVendor == vendor && descriptor.idProduct == product) libusb_open(list[i], &handle);
  }
  libusb_free_device_list(list, 1);
  return handle;
}

void download_firmware(libusb_device_handle* stick) {
  Bytes block(256, 0x5A), status(6), back(256);
  for (std::uint16_t number = 0; number < 4; ++number)
    if (libusb_control_transfer(stick, 0x21, 1, number, 0, block.data(), 256, kTimeout) != 256)
      fail("no block of firmware was taken");
  libusb_control_transfer(stick, 0x21, 1, 4, 0, nullptr, 0, kTimeout);
  if (libusb_control_transfer(stick, 0xA1, 3, 0, 0, status.data(), 6, kTimeout) != 6 || status[4] != 2)
    fail("the download did not end");
  if (libusb_control_transfer(stick, 0xA1, 2, 3, 0, back.data(), 256, kTimeout) != 256 || back != block)
    fail("another firmware came back");
  libusb_reset_device(stick);
  libusb_close(stick);
}

bool send(libusb_device_handle* stick, unsigned char tag, Bytes data) {
  Bytes header(8, 0);
  const auto length = static_cast<std::uint32_t>(data.size());
  std::memcpy(header.data(), &length, 4);
  header[4] = tag;
  int moved = 0;
  if (libusb_bulk_transfer(stick, 1, header.data(), 8, &moved, kTimeout) != 0) return false;
  for (std::size_t at = 0; at < data.size(); at += kChunk)
    if (libusb_bulk_transfer(stick, 1, data.data() + at,
                             static_cast<int>(std::min<std::size_t>(kChunk, data.size() - at)), &moved, kTimeout) != 0)
      return false;
  return true;
}

void receive(libusb_device_handle* stick, std::uint64_t bytes) {
  Bytes buffer(1024);
  for (int moved = 0; bytes > 0; bytes -= static_cast<std::uint64_t>(moved))
    if (libusb_bulk_transfer(stick, 0x81, buffer.data(), static_cast<int>(buffer.size()), &moved, kTimeout) != 0 ||
        moved == 0)
      fail("no output came");
}

// The event is waited for asynchronously, as the vendor's driver does.
bool run(libusb_device_handle* stick, const Executable& executable, bool wrong_input) {
  bool done = false;
  Bytes event(16);
  libusb_transfer* waiting = libusb_alloc_transfer(0);
  libusb_fill_bulk_transfer(
      waiting, stick, 0x82, event.data(), 16, [](libusb_transfer* t) { *static_cast<bool*>(t->user_data) = true; },
      &done, 0);
  libusb_submit_transfer(waiting);
  const auto step = [&](const DmaStep& one) {
    switch (one.kind) {
      case DmaStep::Kind::Instructions: {
        const auto bytes = executable.instructions[static_cast<std::size_t>(one.index)].bytes;
        const auto* data = reinterpret_cast<const unsigned char*>(bytes.data());
        return send(stick, 0, Bytes(data, data + bytes.size()));
      }
      case DmaStep::Kind::Input:
      case DmaStep::Kind::ScratchIn:
        return send(stick, 1, Bytes(one.bytes + (wrong_input ? 1 : 0)));
      case DmaStep::Kind::Parameters:
        return send(stick, 2, Bytes(one.bytes));
      case DmaStep::Kind::Output:
      case DmaStep::Kind::ScratchOut:
        receive(stick, one.bytes);
        return true;
      default:
        return true;
    }
  };
  bool taken = true;
  for (const DmaStep& one : executable.steps)
    if (!(taken = step(one))) break;
  if (!taken) libusb_cancel_transfer(waiting);
  while (!done) libusb_handle_events(nullptr);
  libusb_free_transfer(waiting);
  return taken;
}

}  // namespace

int main(int count, char** words) {
  if (count < 3) fail("usage: coral_client MODEL INFERENCES [wrong-input]");
  auto file = edgescope::base::MappedFile::open(words[1]);
  if (!file) fail(file.error().message().c_str());
  auto model = edgescope::format::tflite::read(*file);
  if (!model) fail(model.error().message().c_str());
  auto package = edgescope::format::edgetpu::read_package(model->subgraphs.at(0).operators.at(0).options, words[1]);
  if (!package) fail(package.error().message().c_str());

  libusb_init(nullptr);
  if (libusb_device_handle* raw = open_stick(0x1a6e, 0x089a)) download_firmware(raw);
  libusb_device_handle* stick = open_stick(0x18d1, 0x9302);
  if (!stick) fail("there is no stick");
  for (const Executable& executable : package->executables)
    if (executable.type == ExecutableType::ParameterCaching && !run(stick, executable, false)) fail("the stick stalls");
  for (int i = 0; i < std::atoi(words[2]); ++i)
    for (const Executable& executable : package->executables)
      if (executable.type != ExecutableType::ParameterCaching && !run(stick, executable, count > 3))
        fail("the stick stalls");
  libusb_close(stick);
  std::puts("inferred");
}
