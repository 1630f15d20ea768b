// A simulated Coral USB Accelerator: enumeration, firmware download, registers, and an accelerator that knows,
// from the compiled model's DMA hints, what must come and go in which order.
//
// Every transfer is compared with the hints; one that contradicts them is an error with both figures, and
// from then on the stick stalls, as a real one would hang. That makes the byte counts of the vendor's unmodified
// runtime exact. It does not compute: where an operator brings somebody who does (Operator::compute) its answers
// are real, else they are zeros. Protocol: read from the public driver (google-coral/libedgetpu) and confirmed by
// running the runtime.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "format/edgetpu/package.h"
#include "virtual/device.h"

namespace edgescope::virtual_usb::coral {

using Values = std::vector<std::uint8_t>;

// From the values of an executable's input layers to those of its output layers, in their order (see wire.h).
using Compute = std::function<base::Result<std::vector<Values>>(const std::vector<Values>& inputs)>;

// One Edge TPU operator whose executables may be sent.
struct Operator {
  const format::edgetpu::Package* package;  // must outlive the stick
  Compute compute = {};
};

// What happened on the link, one entry a DMA step.
struct Event {
  enum class Kind : std::uint8_t { Step, Done, Firmware, Error };
  Kind kind = Kind::Step;
  std::size_t op = 0;  // of the list that the stick was given
  format::edgetpu::ExecutableType executable = format::edgetpu::ExecutableType::StandAlone;
  format::edgetpu::DmaStep::Kind step = format::edgetpu::DmaStep::Kind::Fence;
  std::string layer;  // inputs and outputs
  std::uint64_t bytes = 0;
  std::string message;  // errors
};

class Stick final : public Device {
 public:
  using Listener = std::function<void(const Event&)>;

  // A stick that has its firmware already enumerates as 18d1:9302, else as 1a6e:089a until it has been downloaded.
  Stick(std::vector<Operator> operators, Speed speed, bool has_firmware, Listener listener);

  std::uint16_t vendor() const override { return running_ ? 0x18d1 : 0x1a6e; }
  std::uint16_t product() const override { return running_ ? 0x9302 : 0x089a; }
  Speed speed() const override { return speed_; }
  std::vector<std::uint8_t> configuration_descriptor() const override;
  std::optional<std::vector<std::uint8_t>> control(const Setup& setup, std::span<const std::uint8_t> data) override;
  bool bulk_out(std::uint8_t endpoint, std::span<const std::uint8_t> data) override;
  std::optional<std::vector<std::uint8_t>> in(std::uint8_t endpoint, std::size_t limit) override;
  void reset() override;
  void closed() override;

 private:
  std::optional<std::vector<std::uint8_t>> firmware_request(const Setup& setup, std::span<const std::uint8_t> data);
  std::optional<std::vector<std::uint8_t>> register_request(const Setup& setup, std::span<const std::uint8_t> data);
  // One complete message: a header's tag and all the data that it announced.
  void message(std::uint8_t tag, std::span<const std::uint8_t> data);
  bool recognise(std::span<const std::uint8_t> instructions);
  bool begin();
  void keep_input(const format::edgetpu::DmaStep& step, std::span<const std::uint8_t> data);
  // Makes the steps that need nothing from the host: outputs, interrupts, fences.
  void advance();
  Values output(const format::edgetpu::DmaStep& step);
  void compute();
  void finish();
  void stop();
  void error(std::string text);

  std::vector<Operator> operators_;
  Speed speed_;
  bool running_;
  Listener listener_;

  std::vector<std::uint8_t> firmware_;
  std::uint8_t firmware_state_ = 2;  // DFU 1.1: 2 idle, 5 download idle
  std::map<std::uint32_t, std::uint64_t> registers_;

  std::vector<std::uint8_t> pending_;  // header and data of the message that is coming in
  bool halted_ = false;
  std::size_t op_ = 0;  // whose executable runs
  const format::edgetpu::Executable* current_ = nullptr;
  std::size_t step_ = 0;
  std::map<std::string, Values> inputs_;    // by layer, as they came
  std::map<std::string, Values> computed_;  // by layer, as they go
  std::deque<std::vector<std::uint8_t>> outputs_, events_;
  std::size_t output_at_ = 0;

  // Parameters in the chip's memory: of which token, of which operators.
  std::uint64_t token_ = 0;
  std::set<std::size_t> cached_;
};

}  // namespace edgescope::virtual_usb::coral
