#include "measure/bootstrap.h"

#include <algorithm>
#include <cmath>
#include <random>
#include <utility>

namespace edgescope::measure {

double block_length(std::span<const double> series) {
  const auto n = static_cast<double>(series.size());
  if (series.size() < 10) return 1;
  const double most = std::ceil(std::min(3 * std::sqrt(n), n / 3));
  const auto quiet = static_cast<std::size_t>(std::max(5.0, std::floor(std::log10(n))));
  const auto longest = static_cast<std::size_t>(std::ceil(std::sqrt(n))) + quiet;
  const std::vector<double> rho = autocorrelation(series, longest);
  const double significant = 2 * std::sqrt(std::log10(n) / n);

  // The bandwidth is twice the last lag before `quiet` insignificant ones in a row.
  std::size_t lag = 0, run = 0;
  for (std::size_t i = 1; i < rho.size() && run < quiet; ++i) {
    if (std::abs(rho[i]) < significant) {
      ++run;
    } else {
      run = 0;
      lag = i;
    }
  }
  const std::size_t bandwidth =
      run < quiet ? rho.size() - 1 : std::min(2 * std::max<std::size_t>(lag, 1), rho.size() - 1);

  // Flat-top (trapezoid) weights; autocorrelations do as well as autocovariances, the scale cancels.
  double spectrum = 1, curvature = 0;
  for (std::size_t i = 1; i <= bandwidth; ++i) {
    const double weight = std::min(1.0, 2 * (1 - static_cast<double>(i) / static_cast<double>(bandwidth)));
    spectrum += 2 * weight * rho[i];
    curvature += 2 * weight * static_cast<double>(i) * rho[i];
  }
  if (spectrum == 0) return most;
  const double length = std::cbrt(2 * curvature * curvature / (4.0 / 3.0 * spectrum * spectrum) * n);
  return std::clamp(length, 1.0, most);
}

Resampler::Resampler(std::span<const double> series, const BootstrapOptions& options)
    : series_(series), random_(options.seed) {
  const double chosen = options.block > 0 ? options.block : block_length(series);
  block_ = std::clamp<std::size_t>(static_cast<std::size_t>(std::lround(chosen)), 1, series.size());
  drawn_.reserve(series.size());
}

const std::vector<double>& Resampler::next() {
  const std::size_t n = series_.size();
  drawn_.clear();
  while (drawn_.size() < n) {
    const std::size_t start = random_() % n;
    for (std::size_t k = 0; k < block_ && drawn_.size() < n; ++k) drawn_.push_back(series_[(start + k) % n]);
  }
  return drawn_;
}

Interval percentile_interval(std::vector<double> statistics, double confidence) {
  if (statistics.empty()) return {};
  std::sort(statistics.begin(), statistics.end());
  const double tail = (1 - confidence) / 2;
  return {quantile(statistics, tail), quantile(statistics, 1 - tail)};
}

Interval bootstrap_median(std::span<const double> series, const BootstrapOptions& options) {
  if (series.empty()) return {};
  Resampler resampler(series, options);
  std::vector<double> medians;
  medians.reserve(static_cast<std::size_t>(options.resamples));
  for (int i = 0; i < options.resamples; ++i) medians.push_back(median(resampler.next()));
  return percentile_interval(std::move(medians), options.confidence);
}

}  // namespace edgescope::measure
