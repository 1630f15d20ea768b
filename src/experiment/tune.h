// Searches the settings of a runtime for the fastest ones, without being fooled by noise.
//
//   1. Each candidate alone, beside the default: successive halving. All are measured shortly, side by side; the better
//      half goes on and is measured for longer, until few are left.
//   2. What won alone is combined, and the combinations are halved in the same way.
//   3. The final is a fresh measurement, as what was chosen for its luck must not be judged by it: the default, the
//      runtime's own hints and the best few, in at least five processes each. A gain is what this shows against the
//      default measured in it, all intervals together holding at the confidence (Bonferroni); else there is none.
//
// The default and the hints are in every round, so the result is never worse than what a hint gives, as far as
// measuring can tell.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "experiment/tune_space.h"
#include "measure/measurement.h"
#include "measure/sampler.h"

namespace edgescope::experiment {

struct Arm {
  std::string name;  // "default", "-hint latency", "NUM_STREAMS=2"
  Settings settings;
};

std::string name_of(const Settings& settings);  // "A=1 B=2"

// Measures arms side by side: a measurement each, in their order. One whose settings are refused is a measurement with
// an error.
using MeasureArms =
    std::function<base::Result<std::vector<measure::Measurement>>(const std::vector<Arm>&, const measure::Plan&)>;

struct TunePlan {
  double seconds = 60;        // about, of the whole search
  double confidence = 0.95;   // of all intervals of the final together
  std::size_t finalists = 3;  // beside the default and the hints
  std::uint64_t seed = 1;
};

// What became of an arm before the final.
struct Trial {
  Arm arm;
  int rounds = 0;                          // that it was measured in
  double median_us = 0;                    // in the last of them
  std::optional<measure::Interval> ratio;  // of its time to the default's in the last of them
  std::string refused;                     // why it did not run
};

struct Finalist {
  Arm arm;
  measure::Measurement measurement;
  measure::Comparison against_default;  // ratio of times: below 1 is faster
};

struct Tuned {
  std::vector<Trial> trials;         // in the order of the candidates, combinations last
  std::vector<std::string> untried;  // names of candidates that the time was too short for
  std::vector<Finalist> finalists;   // the default first, then the hints, then what was found
  std::size_t winner = 0;            // among the finalists; 0 where no gain is shown
  double confidence = 0.95;          // of each comparison
};

// Fails where not even the default runs, or when it is interrupted.
base::Result<Tuned> tune(const Space& space, const TunePlan& plan, const MeasureArms& measure);

}  // namespace edgescope::experiment
