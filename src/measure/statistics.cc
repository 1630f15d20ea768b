#include "measure/statistics.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace edgescope::measure {
namespace {

double mean_of(std::span<const double> values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

// Sums of products of deviations at one lag at a time, so that a caller can stop early.
class Autocovariance {
 public:
  explicit Autocovariance(std::span<const double> series) : deviations_(series.begin(), series.end()) {
    const double mean = mean_of(series);
    for (double& value : deviations_) value -= mean;
    variance_ = at(0);
    // What is left of a constant series after the mean is taken away is rounding.
    const double scale = std::max(std::abs(mean), 1e-300) * 1e-12;
    constant_ = variance_ <= scale * scale * static_cast<double>(series.size());
  }
  double at(std::size_t lag) const {
    return std::inner_product(deviations_.begin() + static_cast<std::ptrdiff_t>(lag), deviations_.end(),
                              deviations_.begin(), 0.0);
  }
  double correlation(std::size_t lag) const {
    if (lag == 0) return 1;
    return constant_ ? 0 : at(lag) / variance_;
  }

 private:
  std::vector<double> deviations_;
  double variance_ = 0;
  bool constant_ = false;
};

double median_of_sorted(std::span<const double> sorted) { return quantile(sorted, 0.5); }

// Fills in all that does not depend on the order of the samples.
Statistics unordered(std::vector<double> values) {
  Statistics result;
  result.count = values.size();
  if (values.empty()) return result;
  result.mean = mean_of(values);
  double squares = 0;
  for (double value : values) squares += (value - result.mean) * (value - result.mean);
  if (values.size() > 1) result.sd = std::sqrt(squares / static_cast<double>(values.size() - 1));
  if (result.mean != 0) result.cv = result.sd / result.mean;
  std::sort(values.begin(), values.end());
  result.min = values.front();
  result.max = values.back();
  result.p5 = quantile(values, 0.05);
  result.p25 = quantile(values, 0.25);
  result.median = median_of_sorted(values);
  result.p75 = quantile(values, 0.75);
  result.p90 = quantile(values, 0.90);
  result.p95 = quantile(values, 0.95);
  result.p99 = quantile(values, 0.99);
  result.outliers = outliers(values);
  for (double& value : values) value = std::abs(value - result.median);
  result.mad = median(std::move(values));
  return result;
}

}  // namespace

double quantile(std::span<const double> sorted, double p) {
  const double position = p * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<std::size_t>(position);
  if (below + 1 >= sorted.size()) return sorted.back();
  const double fraction = position - static_cast<double>(below);
  return sorted[below] + fraction * (sorted[below + 1] - sorted[below]);
}

double median(std::vector<double> values) {
  if (values.empty()) return 0;
  const std::size_t half = values.size() / 2;
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(half);
  std::nth_element(values.begin(), middle, values.end());
  if (values.size() % 2 == 1) return *middle;
  return (*std::max_element(values.begin(), middle) + *middle) / 2;
}

std::size_t outliers(std::span<const double> values) {
  if (values.empty()) return 0;
  const double centre = median({values.begin(), values.end()});
  std::vector<double> deviations(values.begin(), values.end());
  for (double& value : deviations) value = std::abs(value - centre);
  double spread = median(deviations) / 0.6745;
  if (spread == 0) spread = 1.2533 * mean_of(deviations);
  const double limit = 3.5 * spread;
  return static_cast<std::size_t>(
      std::count_if(deviations.begin(), deviations.end(), [limit](double deviation) { return deviation > limit; }));
}

std::vector<double> autocorrelation(std::span<const double> series, std::size_t max_lag) {
  std::vector<double> result;
  if (series.empty()) return result;
  const Autocovariance covariance(series);
  for (std::size_t lag = 0; lag <= std::min(max_lag, series.size() - 1); ++lag)
    result.push_back(covariance.correlation(lag));
  return result;
}

double effective_sample_size(std::span<const double> series) {
  const std::size_t n = series.size();
  if (n < 4) return static_cast<double>(n);
  const Autocovariance covariance(series);
  // A series that drifts all the way stays correlated over very long lags; by then the answer is "few".
  const std::size_t last = std::min<std::size_t>(n - 2, 2000);
  double sum = -1;  // pairs begin with rho(0) = 1, which the formula does not count
  for (std::size_t lag = 0; lag < last; lag += 2) {
    const double pair = covariance.correlation(lag) + covariance.correlation(lag + 1);
    if (pair <= 0) break;
    sum += 2 * pair;
  }
  return std::min(static_cast<double>(n), static_cast<double>(n) / std::max(sum, 1e-9));
}

Statistics describe(std::span<const double> series) {
  Statistics result = unordered({series.begin(), series.end()});
  if (series.size() > 1) result.lag1 = autocorrelation(series, 1)[1];
  result.effective_size = effective_sample_size(series);
  return result;
}

Statistics describe(const std::vector<std::vector<double>>& series) {
  std::vector<double> all, lags;
  double effective = 0;
  for (const std::vector<double>& one : series) {
    all.insert(all.end(), one.begin(), one.end());
    if (one.size() > 1) lags.push_back(autocorrelation(one, 1)[1]);
    effective += effective_sample_size(one);
  }
  Statistics result = unordered(std::move(all));
  result.lag1 = median(std::move(lags));
  result.effective_size = effective;
  return result;
}

}  // namespace edgescope::measure
