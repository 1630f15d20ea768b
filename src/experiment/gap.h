// Whether one series is slower than another, and in what sense: the means, the medians and the floors (5th
// percentiles) are compared, each with an interval.
//
// A difference of means without an interval misleads, and one that the floors do not share is waiting (host,
// bus, scheduler), not computing: what an operator costs is paid by every call, the fastest ones included.
#pragma once

#include "experiment/scaling.h"

namespace edgescope::experiment {

struct Gap {
  Figure mean, median, floor;  // microseconds, `a` minus `b`

  enum class Verdict {
    None,     // no interval excludes zero
    Waiting,  // the means or medians differ, the floors do not
    Cost,     // the floors differ
  };
  Verdict verdict() const;
};

Gap gap(const Series& a, const Series& b, double confidence = 0.95);

// The resamples of a series that is held against several others, drawn once.
class Drawn {
 public:
  // Two that are compared need different seeds: their noise is not the same.
  Drawn(const Series& series, std::uint64_t seed);
  friend Gap gap(const Drawn& a, const Drawn& b, double confidence);

 private:
  std::vector<double> values_;                  // of all samples: mean, median, floor
  std::vector<std::vector<double>> resamples_;  // of each of these
};

Gap gap(const Drawn& a, const Drawn& b, double confidence = 0.95);

std::string_view text(Gap::Verdict verdict);  // "no difference shown", "waiting", "cost"

}  // namespace edgescope::experiment
