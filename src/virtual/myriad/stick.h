// A simulated Neural Compute Stick 2: it boots, keeps XLink streams, takes graphs and answers inferences
// with zeros. It computes nothing, so that only what the vendor's unmodified plugin sends is true: the
// blobs, their stages and memory, and what it refuses to compile. Results and times are meaningless.
//
// As on a real stick: 03e7:2485 until the firmware has come and the handle is closed, then 03e7:f63b, and
// back after an XLink reset. A graph that is larger than the stick's memory is refused.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "format/myriad/blob.h"
#include "virtual/device.h"
#include "virtual/myriad/xlink.h"

namespace edgescope::virtual_usb::myriad {

struct Event {
  enum class Kind : std::uint8_t { Boot, Allocate, Infer, Error };
  Kind kind = Kind::Boot;
  std::uint64_t bytes = 0;  // of firmware, blob, or inputs
  std::uint32_t graph = 0;
  format::myriad::Header header{};  // Allocate
  std::string message;              // Error
};

class Stick final : public Device {
 public:
  using Listener = std::function<void(const Event&)>;
  // 512 MB of DDR memory, all of which is taken to be free for graphs.
  static constexpr std::uint32_t kMemoryBytes = 512u << 20;

  Stick(Speed speed, Listener listener) : speed_(speed), listener_(std::move(listener)) {}

  std::uint16_t vendor() const override { return 0x03e7; }
  std::uint16_t product() const override { return state_ == State::Booted ? 0xf63b : 0x2485; }
  Speed speed() const override { return speed_; }
  std::vector<std::uint8_t> configuration_descriptor() const override;
  std::optional<std::vector<std::uint8_t>> control(const Setup& setup, std::span<const std::uint8_t> data) override;
  bool bulk_out(std::uint8_t endpoint, std::span<const std::uint8_t> data) override;
  std::optional<std::vector<std::uint8_t>> in(std::uint8_t endpoint, std::size_t limit) override;
  bool present() const override { return state_ != State::Leaving || !outgoing_.empty(); }
  void reset() override {}
  void closed() override;

 private:
  enum class State : std::uint8_t { Unbooted, Booted, Leaving };
  using Bytes = std::span<const std::uint8_t>;
  struct Graph {
    std::uint32_t stream = 0;
    format::myriad::Header header{};
  };

  void event(const xlink::Event& event, Bytes packet);
  void device_command(std::uint32_t stream, Bytes packet);
  void graph_command(std::uint32_t monitor, Bytes packet);
  // The header or the blob that a graph command announced.
  void graph_packet(Bytes packet);
  void allocate(Bytes packet);

  void respond(const xlink::Event& request);
  void write(std::uint32_t stream, Bytes packet);
  void write_word(std::uint32_t stream, std::uint32_t word);
  std::uint32_t stream_named(const std::string& name) const;
  std::uint64_t used_memory() const;
  void error(std::string text) { listener_({.kind = Event::Kind::Error, .message = std::move(text)}); }

  Speed speed_;
  Listener listener_;
  State state_ = State::Unbooted;
  std::uint64_t firmware_bytes_ = 0;
  std::vector<std::uint8_t> incoming_, outgoing_;
  std::int32_t next_id_ = 0;  // of the stick's own events
  std::map<std::uint32_t, std::string> streams_;
  std::map<std::uint32_t, Graph> graphs_;
  struct {
    bool pending = false, whole = false;
    std::uint32_t graph = 0, monitor = 0, stream = 0;
  } announced_;
  std::uint64_t input_bytes_ = 0;  // that came since the last inference
};

}  // namespace edgescope::virtual_usb::myriad
