// How sure one process can be of its own median: a circular block bootstrap, which keeps the dependence
// between neighbouring samples (Politis and Romano 1992). It cannot see what differs from process to
// process (memory layout, threads, the time of day), so it is shown beside a figure and never as its
// interval: see processes.h.
#pragma once

#include <cstdint>
#include <span>

#include "measure/statistics.h"

namespace edgescope::measure {

// Politis and White's automatic choice (2004, as corrected with Patton in 2009) for the circular
// bootstrap; at least 1, at most min(3 sqrt(n), n / 3).
double block_length(std::span<const double> series);

struct BootstrapOptions {
  double confidence = 0.95;
  std::uint64_t seed = 1;
  int resamples = 999;
  double block = 0;  // 0: block_length()
};

// The percentile interval of the median; {x, x} for a series of one, {0, 0} for none.
Interval bootstrap_median(std::span<const double> series, const BootstrapOptions& options = {});

}  // namespace edgescope::measure
