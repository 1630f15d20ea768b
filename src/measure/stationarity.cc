#include "measure/stationarity.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "measure/processes.h"

namespace edgescope::measure {
namespace {

constexpr std::size_t kEnoughForHalves = 8;

// The standard error of a median under the normal law is 1.2533 sd / sqrt(n). The sd comes from the
// median step between neighbours, which neither a trend within the window nor one interrupted inference
// makes larger: |step| has the median 0.6745 sqrt(2) sd.
double median_error(const std::vector<double>& window) {
  std::vector<double> steps;
  for (std::size_t i = 1; i < window.size(); ++i) steps.push_back(std::abs(window[i] - window[i - 1]));
  return 1.2533 * median(std::move(steps)) / (0.6745 * std::sqrt(2.0)) / std::sqrt(static_cast<double>(window.size()));
}

}  // namespace

void WarmUp::add(std::span<const double> samples) {
  for (double sample : samples) {
    ++seen_;
    current_.push_back(sample);
    if (current_.size() == window_) judge();
  }
}

void WarmUp::judge() {
  ++windows_;
  if (windows_ >= 3 && !stationary_) {
    const double before = median(last_), now = median(current_);
    const double noise = 2 * std::hypot(median_error(last_), median_error(current_));
    stationary_ = std::abs(now - before) <= std::max(tolerance_ * before, noise);
  }
  last_ = std::exchange(current_, {});
}

std::optional<Drift> drift(const std::vector<std::vector<double>>& series, double confidence) {
  std::vector<double> first, second;
  for (const std::vector<double>& one : series) {
    if (one.size() < kEnoughForHalves) continue;
    const auto middle = one.begin() + static_cast<std::ptrdiff_t>(one.size() / 2);
    first.push_back(median({one.begin(), middle}));
    second.push_back(median({middle, one.end()}));
  }
  if (first.size() < 2) return std::nullopt;
  const Comparison halves = compare_pairs(second, first, confidence);
  if (halves.verdict == Verdict::NoDifference) return std::nullopt;
  return Drift{halves.ratio - 1, {halves.interval.low - 1, halves.interval.high - 1}};
}

}  // namespace edgescope::measure
