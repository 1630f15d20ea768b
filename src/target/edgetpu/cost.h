// The link law: what an inference on the Edge TPU costs, from the bytes that cross the link and the
// multiply-accumulates on the chip.
//
// Every call pays a floor; then instructions, streamed parameters, inputs and outputs cross the link at
// its rates (outputs about ten times dearer than inputs on USB), while the array computes. Transfer and
// compute overlap by an unknown part, so max(compute, transfer) and their sum are the ends of the
// interval. Constants are published measurements; those of USB reproduce the difference between USB 2
// and USB 3 of 5 of 7 measured models within 5 %.
#pragma once

#include <optional>
#include <string_view>

#include "target/edgetpu/ledger.h"
#include "target/prediction.h"

namespace edgescope::target::edgetpu {

enum class Link : std::uint8_t { Usb3, Usb2, Pcie };
std::optional<Link> link_from_name(std::string_view name);  // "usb3", "usb2", "pcie"
std::string_view link_name(Link link);

Interval call_floor(Link link);  // what a call costs that moves and computes nothing

// Microseconds that `bytes` take; host to device, or back.
Interval transfer_in(Link link, std::uint64_t bytes);
Interval transfer_out(Link link, std::uint64_t bytes);

// `macs`: of the operators on the device; nothing where only the compiled file is at hand, then the
// interval holds the link alone and says so. `megahertz`: 500 (libedgetpu1-max), 250 (-std), 125 or 63.
// `calls`: Edge TPU operators that run one after the other, each with its own floor.
//
// What is not known exactly, before compiling, is given as two ends.
struct TrafficRange {
  Traffic low, high;
};
Prediction predict_range(const TrafficRange& per_inference, std::optional<std::uint64_t> macs, Link link,
                         int megahertz = 500, int calls = 1);
Prediction predict(const Traffic& per_inference, std::optional<std::uint64_t> macs, Link link, int megahertz = 500,
                   int calls = 1);

}  // namespace edgescope::target::edgetpu
