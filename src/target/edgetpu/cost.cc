#include "target/edgetpu/cost.h"

#include <fmt/format.h>

#include <algorithm>

namespace edgescope::target::edgetpu {
namespace {

struct LinkConstants {
  std::string_view name;
  Interval floor_us;
  Interval in_mb_per_s;   // host to device; 10^6 bytes a second
  Interval out_mb_per_s;  // device to host
};

// Published measurements: floors of tiny models on fast and slow hosts, bulk rates of USB captures;
// PCIe from the milliseconds a MiB of streamed fully connected layers (2.71) and of swaps (2.85). PCIe's
// way back was not measured by anyone: it is taken to be as fast as the way in.
constexpr LinkConstants kLinks[] = {
    {"usb3", {270, 460}, {304, 376}, {22, 48}},
    {"usb2", {370, 530}, {36, 37}, {9, 12}},
    {"pcie", {80, 120}, {368, 387}, {368, 387}},
};

// Multiply-accumulates a second at 500 MHz: MobileNetV1 sustains 0.36 T, large convolutions 1.16 T.
constexpr Interval kMacsPerSecond = {0.36e12, 1.16e12};

const LinkConstants& constants(Link link) { return kLinks[static_cast<std::size_t>(link)]; }

Interval at_rate(std::uint64_t bytes, Interval mb_per_s) {
  const auto amount = static_cast<double>(bytes);
  return {amount / mb_per_s.high, amount / mb_per_s.low};
}

}  // namespace

std::optional<Link> link_from_name(std::string_view name) {
  for (Link link : {Link::Usb3, Link::Usb2, Link::Pcie})
    if (name == link_name(link)) return link;
  return std::nullopt;
}

std::string_view link_name(Link link) { return constants(link).name; }

Interval transfer_in(Link link, std::uint64_t bytes) { return at_rate(bytes, constants(link).in_mb_per_s); }
Interval transfer_out(Link link, std::uint64_t bytes) { return at_rate(bytes, constants(link).out_mb_per_s); }

Interval call_floor(Link link) { return constants(link).floor_us; }

Prediction predict(const Traffic& traffic, std::optional<std::uint64_t> macs, Link link, int megahertz, int calls) {
  return predict_range(TrafficRange{traffic, traffic}, macs, link, megahertz, calls);
}

Prediction predict_range(const TrafficRange& traffic, std::optional<std::uint64_t> macs, Link link, int megahertz,
                         int calls) {
  Prediction prediction{.basis = "predicted(link law)"};
  const Interval once = constants(link).floor_us;
  const Interval floor = {once.low * calls, once.high * calls};
  const auto amount = static_cast<std::uint64_t>(calls);
  prediction.terms.push_back({"floor", amount, amount, floor, "published: smallest models, fast and slow hosts"});

  Interval transfer;
  const auto add = [&](const char* name, std::uint64_t Traffic::*part, bool out) {
    const std::uint64_t low = traffic.low.*part, high = traffic.high.*part;
    if (high == 0) return;
    const Interval least = out ? transfer_out(link, low) : transfer_in(link, low),
                   most = out ? transfer_out(link, high) : transfer_in(link, high);
    const Interval time = {least.low, most.high};
    prediction.terms.push_back(
        {name, low, high, time, out ? "published: rate from the device" : "published: rate to the device"});
    transfer += time;
  };
  add("instructions", &Traffic::instructions, false);
  add("input", &Traffic::input, false);
  add("parameters", &Traffic::parameters, false);
  add("scratch_in", &Traffic::scratch_in, false);
  add("output", &Traffic::output, true);
  add("scratch_out", &Traffic::scratch_out, true);

  Interval compute;
  if (macs) {
    const double clock = megahertz / 500.0;
    compute = {static_cast<double>(*macs) / (kMacsPerSecond.high * clock) * 1e6,
               static_cast<double>(*macs) / (kMacsPerSecond.low * clock) * 1e6};
    prediction.terms.push_back({"compute", *macs, *macs, compute,
                                fmt::format("published: sustained rate at 500 MHz, scaled to {} MHz", megahertz)});
  } else {
    prediction.assumptions.push_back(
        "compute is not included: the compiled file does not say how many multiply-accumulates it makes; give its "
        "source model");
  }
  if (link == Link::Pcie)
    prediction.assumptions.push_back("PCIe's rate from the device is taken to equal its rate to it");
  prediction.microseconds = {floor.low + std::max(compute.low, transfer.low),
                             floor.high + compute.high + transfer.high};
  return prediction;
}

}  // namespace edgescope::target::edgetpu
