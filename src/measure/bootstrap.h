// How sure one process can be of what its series says: a circular block bootstrap, which keeps the dependence
// between neighbouring samples (Politis and Romano 1992). It cannot see what differs from process to
// process (memory layout, threads, the time of day), so it is shown beside a figure and never as its
// interval where there are several processes: see processes.h.
#pragma once

#include <cstdint>
#include <random>
#include <span>
#include <vector>

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

// Series like the one given, as long as it: blocks drawn from it, its end joined to its start.
class Resampler {
 public:
  // `series` outlives it and is not empty.
  explicit Resampler(std::span<const double> series, const BootstrapOptions& options = {});
  const std::vector<double>& next();  // valid until the next call

 private:
  std::span<const double> series_;
  std::size_t block_;
  std::mt19937_64 random_;
  std::vector<double> drawn_;
};

// Between the quantiles of a statistic of all resamples that leave out (1 - confidence) / 2 at either end.
Interval percentile_interval(std::vector<double> statistics, double confidence = 0.95);

// The percentile interval of the median; {x, x} for a series of one, {0, 0} for none.
Interval bootstrap_median(std::span<const double> series, const BootstrapOptions& options = {});

}  // namespace edgescope::measure
