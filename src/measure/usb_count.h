// What a model moves over USB, counted by a simulated stick under the vendor's unmodified runtime: bytes of each
// inference by what they are, held against what the file's own DMA hints say. Exact, and never a latency.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "measure/virtual_sticks.h"
#include "runtime/catalog.h"
#include "runtime/session.h"
#include "target/edgetpu/ledger.h"

namespace edgescope::measure {

struct UsbRequest {
  runtime::Found runtime;
  runtime::LoadRequest load;  // `alternate` models run in turn with the model; `sticks` is VirtualSticks::count
  VirtualSticks sticks;
  std::uint64_t inferences = 20;  // of each model, at least 2
  std::uint64_t seed = 1;
  std::vector<std::vector<std::byte>> inputs = {};  // one inference with these instead, and its outputs are kept
  std::string trace;                                // a file for the transfers (usb_trace.h), empty for none
  std::function<bool()> interrupted = [] { return false; };
};

// Of one model.
struct UsbTraffic {
  std::string model;
  std::string stick;  // bus and port
  target::edgetpu::Traffic first, later;
  bool alike = true;  // all inferences from the second on moved what `later` says
  std::uint64_t inferences = 0;
  std::uint64_t uploads = 0;  // caching runs: how often the cached parameters were sent
  target::edgetpu::Ledger ledger;

  bool equals_ledger() const { return first == ledger.first_inference && later == ledger.per_inference && alike; }
};

struct UsbCount {
  runtime::Loaded loaded;
  VirtualSticks sticks;
  std::optional<std::uint64_t> firmware_bytes;  // where it was downloaded
  std::vector<UsbTraffic> models;
  std::vector<std::vector<std::byte>> outputs;  // where inputs were given
};

// An error of the stick, a transfer that contradicts the hints, is the error of the whole.
base::Result<UsbCount> count_usb(const UsbRequest& request);

// The member `usb` of a run (docs/json.md).
base::Json to_json(const UsbCount& count);

}  // namespace edgescope::measure
