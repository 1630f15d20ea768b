#include "target/ncs2/cost.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace edgescope::target::ncs2 {
namespace {

constexpr const char* kFit = "fitted on published measurements of 24 forests";
constexpr const char* kSlope = "published series of networks of growing width: what one more costs";

constexpr std::uint64_t kFloorStages = 3;  // of the call that the floor was measured of
constexpr Interval kElementUs{0.050, 0.060};
// Where the largest tensor is large, an element costs less. Somewhere between these sizes: none was measured there.
constexpr std::uint64_t kSmallTensor = 18432, kLargeTensor = 38400;
constexpr double kElementOfLargeUs = 0.023;
// Elements of images are computed by the line, vectors by the element, of which alone there are measurements: from
// what reading two operands and writing a result costs at the memory's rate, to what it costs in a large vector.
constexpr Interval kElementOfImageUs{0.0005, 0.023};
constexpr Interval kGatherUs{0.031, 0.168};
// Where the measurements lie around the law.
constexpr double kLeast = 0.75, kMost = 1.35;
// 75 to 82 million a millisecond in the widest networks of the series, at up to two inferences in flight; published
// networks of larger layers reach more, narrow ones less.
constexpr Interval kHardwareMacUs{7.5e-6, 17e-6};
// 11 to 15.5 bytes a nanosecond: the rate of the device's memory, 12.8, in sight.
constexpr Interval kWeightByteUs{6.4e-5, 9.1e-5};
// No series is known: from all of 16 SHAVEs' 8 lanes at 700 MHz to a twentieth of them.
constexpr Interval kShaveMacUs{1.1e-5, 2.2e-4};
// Above this share of what the forests do not have, their energy says nothing.
constexpr double kShareOfForests = 0.25;
// Millijoules of a call, and of each millisecond of it: around the forests', of which long ones draw less a
// millisecond.
constexpr Interval kCallMillijoules{1.5, 3.5}, kMillijoulesAMs{0.85, 1.3};

constexpr std::array<std::string_view, 37> kElementwise = {
    "Sum",     "Prod",          "Max",   "Min",        "Div",         "Squared_diff", "Equal", "Not_equal",
    "Greater", "Greater_equal", "Less",  "Less_equal", "Logical_NOT", "Logical_AND",  "Pow",   "Floor_mod",
    "Select",  "Convert",       "Relu",  "Clamp",      "Sigmoid",     "Tanh",         "Elu",   "Power",
    "Bias",    "BiasRelu",      "Scale", "ScaleShift", "PRelu",       "LeakyRelu",    "Exp",   "Log",
    "Floor",   "Ceiling",       "Erf",   "Swish",      "HSwish"};

bool is_elementwise(const Stage& stage) {
  return std::find(kElementwise.begin(), kElementwise.end(), stage.kind) != kElementwise.end();
}
bool is_gather(const Stage& stage) {
  return stage.kind == "Gather" || stage.kind == "GatherElements" || stage.kind == "GatherND";
}

Interval times(const Interval& each, std::uint64_t count) {
  return {each.low * static_cast<double>(count), each.high * static_cast<double>(count)};
}

}  // namespace

Prediction predict(std::span<const Stage> stages, const Work& work) {
  std::uint64_t elements = 0, of_images = 0, gathered = 0, largest = 0;
  for (const Stage& stage : stages) {
    if (is_elementwise(stage)) (stage.image ? of_images : elements) += work.batch * stage.output_elements;
    if (is_gather(stage)) gathered += work.batch * stage.output_elements;
    if (!stage.image) largest = std::max(largest, stage.output_elements);
  }
  const std::uint64_t count = work.batch * stages.size();
  const std::uint64_t beyond = count > kFloorStages ? count - kFloorStages : 0;
  const Interval element{largest > kSmallTensor ? kElementOfLargeUs : kElementUs.low,
                         largest < kLargeTensor ? kElementUs.high : kElementOfLargeUs};

  Prediction prediction{.basis = "predicted(stage law)"};
  prediction.terms = {{"floor", 1, 1, kFloorUs, "published: a program of 3 stages that only moves data, 1.57 ms"},
                      {"stages", beyond, beyond, times(kStageUs, beyond), kFit},
                      {"element-wise results", elements, elements, times(element, elements), kFit},
                      {"gathered elements", gathered, gathered, times(kGatherUs, gathered), kFit}};
  const auto add = [&](const char* name, std::uint64_t amount, const Interval& each, const char* source) {
    if (amount > 0) prediction.terms.push_back({name, amount, amount, times(each, amount), source});
  };
  add("image elements", of_images, kElementOfImageUs, "between the memory's rate and the forests' large vectors");
  add("compute", work.hardware_macs, kHardwareMacUs, kSlope);
  add("weights", work.weight_bytes, kWeightByteUs, kSlope);
  add("compute on SHAVEs", work.shave_macs, kShaveMacUs, "from the processors' peak to a twentieth of it");

  Interval over_floor;
  for (std::size_t i = 1; i < prediction.terms.size(); ++i) over_floor += prediction.terms[i].microseconds;
  const Interval compute = times(kHardwareMacUs, work.hardware_macs), weights = times(kWeightByteUs, work.weight_bytes);
  over_floor.low -= std::min(compute.low, weights.low);  // weights are read while the accelerator computes
  prediction.microseconds = kFloorUs + Interval{over_floor.low * kLeast, over_floor.high * kMost};
  prediction.assumptions = {"one stream, synchronous calls, USB 3; a slow host adds to the floor"};

  const Interval unknown =
      compute + weights + times(kShaveMacUs, work.shave_macs) + times(kElementOfImageUs, of_images);
  if (unknown.high > kShareOfForests * prediction.microseconds.high)
    prediction.assumptions.emplace_back(
        "convolutions, fully connected layers or images dominate, on which the law was not fitted: the interval is "
        "wide, and what it costs in energy is not known");
  else
    prediction.millijoules = kCallMillijoules + Interval{prediction.microseconds.low * 1e-3 * kMillijoulesAMs.low,
                                                         prediction.microseconds.high * 1e-3 * kMillijoulesAMs.high};
  return prediction;
}

}  // namespace edgescope::target::ncs2
