#include "target/ncs2/cost.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace edgescope::target::ncs2 {
namespace {

constexpr const char* kFit = "fitted on published measurements of 24 forests";

constexpr double kFloorUs = 1570;  // of a program that only moves data, in kFloorStages stages
constexpr std::uint64_t kFloorStages = 3;
constexpr Interval kElementUs{0.050, 0.060};
// Once the largest tensor passes this many elements, an element costs less.
constexpr std::uint64_t kLargeTensor = 32768;
constexpr double kElementOfLargeUs = 0.023;
constexpr Interval kGatherUs{0.031, 0.168};
// Where the measurements lie around the law.
constexpr double kLeast = 0.75, kMost = 1.35;
// Millijoules a millisecond of the call: the same source's, least and most.
constexpr Interval kWatts{1.0, 1.95};

constexpr std::array<std::string_view, 37> kElementwise = {
    "Sum",     "Prod",          "Max",   "Min",        "Div",         "Squared_diff", "Equal", "Not_equal",
    "Greater", "Greater_equal", "Less",  "Less_equal", "Logical_NOT", "Logical_AND",  "Pow",   "Floor_mod",
    "Select",  "Convert",       "Relu",  "Clamp",      "Sigmoid",     "Tanh",         "Elu",   "Power",
    "Bias",    "BiasRelu",      "Scale", "ScaleShift", "PRelu",       "LeakyRelu",    "Exp",   "Log",
    "Floor",   "Ceiling",       "Erf",   "Swish",      "HSwish"};
constexpr std::string_view kHardware = "MyriadXHwOp";

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

Prediction predict(std::span<const Stage> stages) {
  std::uint64_t elements = 0, gathered = 0, largest = 0, hardware = 0;
  for (const Stage& stage : stages) {
    if (is_elementwise(stage)) elements += stage.output_elements;
    if (is_gather(stage)) gathered += stage.output_elements;
    if (stage.kind == kHardware) ++hardware;
    largest = std::max(largest, stage.output_elements);
  }
  const std::uint64_t beyond = stages.size() > kFloorStages ? stages.size() - kFloorStages : 0;
  const Interval element = largest > kLargeTensor ? Interval{kElementOfLargeUs, kElementOfLargeUs} : kElementUs;

  Prediction prediction{.microseconds = {kFloorUs, kFloorUs},
                        .basis = "predicted(stage law)",
                        .terms = {},
                        .assumptions = {},
                        .millijoules = {}};
  prediction.terms = {{"floor", 1, 1, {kFloorUs, kFloorUs}, "published: a program of 3 stages that only moves data"},
                      {"stages", beyond, beyond, times(kStageUs, beyond), kFit},
                      {"element-wise results", elements, elements, times(element, elements), kFit},
                      {"gathered elements", gathered, gathered, times(kGatherUs, gathered), kFit}};
  Interval over_floor;
  for (std::size_t i = 1; i < prediction.terms.size(); ++i) over_floor += prediction.terms[i].microseconds;
  prediction.microseconds += {over_floor.low * kLeast, over_floor.high * kMost};
  prediction.millijoules =
      Interval{prediction.microseconds.low * 1e-3 * kWatts.low, prediction.microseconds.high * 1e-3 * kWatts.high};
  prediction.assumptions = {"batch 1, one stream, synchronous calls, USB 3"};
  if (hardware > 0)
    prediction.assumptions.push_back(
        "stages on the hardware accelerator count as stages only: where large convolutions dominate, the time is "
        "longer than this");
  return prediction;
}

}  // namespace edgescope::target::ncs2
