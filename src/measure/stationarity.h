// When a process has warmed up, and whether it stayed as it was.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "measure/statistics.h"

namespace edgescope::measure {

// Warm-up is over when the medians of two consecutive windows agree: they differ by less than 1 % or
// less than twice the standard error of their difference, whichever is more (a window's median cannot
// repeat better than its own noise), and at least three windows were seen, so that the first, which
// holds what is done once, is never one of the two.
class WarmUp {
 public:
  explicit WarmUp(std::size_t window, double tolerance = 0.01) : window_(window), tolerance_(tolerance) {}

  void add(std::span<const double> samples);
  bool stationary() const { return stationary_; }
  std::size_t samples() const { return seen_; }

 private:
  void judge();

  std::size_t window_;
  double tolerance_;
  std::size_t seen_ = 0, windows_ = 0;
  std::vector<double> current_, last_;
  bool stationary_ = false;
};

// Second half against first half of each series, in the order taken, over all series.
struct Drift {
  double change = 0;  // of the median: +0.03 is 3 % slower
  Interval interval;  // between series
};

// Nothing where the interval holds no change, or where fewer than two series have eight samples.
std::optional<Drift> drift(const std::vector<std::vector<double>>& series, double confidence = 0.99);

}  // namespace edgescope::measure
