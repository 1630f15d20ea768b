#include "measure/processes.h"

#include <algorithm>
#include <boost/math/distributions/binomial.hpp>
#include <boost/math/distributions/students_t.hpp>
#include <cmath>
#include <limits>
#include <numeric>

namespace edgescope::measure {
namespace {

constexpr std::size_t kOrderStatisticsFrom = 6;  // five have at most 93.75 % between their extremes

struct Moments {
  double mean = 0, variance = 0, n = 0;  // variance of one observation
};

Moments moments(std::span<const double> values) {
  Moments result{.n = static_cast<double>(values.size())};
  result.mean = std::accumulate(values.begin(), values.end(), 0.0) / result.n;
  for (double value : values) result.variance += (value - result.mean) * (value - result.mean);
  result.variance /= result.n - 1;
  return result;
}

std::vector<double> logarithms(std::span<const double> values) {
  std::vector<double> result(values.begin(), values.end());
  // A clock can answer 0; its logarithm cannot be used. A hundredth of a nanosecond is below any clock.
  for (double& value : result) value = std::log(std::max(value, 1e-5));
  return result;
}

double student(double degrees, double confidence) {
  return boost::math::quantile(boost::math::students_t(degrees), (1 + confidence) / 2);
}

Interval t_interval(const std::vector<double>& logs, double confidence) {
  const Moments m = moments(logs);
  const double half = student(m.n - 1, confidence) * std::sqrt(m.variance / m.n);
  const double middle = median(logs);
  return {std::min(m.mean - half, middle), std::max(m.mean + half, middle)};
}

// The interval between the d-th smallest and the d-th largest of n holds the median with probability
// 1 - 2 P(Binomial(n, 1/2) < d). Between the two d whose probabilities enclose the wanted one,
// Hettmansperger and Sheather's weight interpolates.
Interval order_interval(std::vector<double> logs, double confidence) {
  std::sort(logs.begin(), logs.end());
  const std::size_t n = logs.size();
  const boost::math::binomial counts(static_cast<double>(n), 0.5);
  const auto coverage = [&](std::size_t d) { return 1 - 2 * boost::math::cdf(counts, static_cast<double>(d) - 1); };
  std::size_t d = 1;
  while (d + 1 <= n / 2 && coverage(d + 1) >= confidence) ++d;
  const double wide = coverage(d);
  if (wide <= confidence || d + 1 > n / 2) return {logs[d - 1], logs[n - d]};
  const double excess = (wide - confidence) / (wide - coverage(d + 1));
  const auto depth = static_cast<double>(d);
  const double weight =
      (static_cast<double>(n) - depth) * excess / (depth + (static_cast<double>(n) - 2 * depth) * excess);
  return {(1 - weight) * logs[d - 1] + weight * logs[d], (1 - weight) * logs[n - d] + weight * logs[n - d - 1]};
}

Interval median_interval(const std::vector<double>& logs, double confidence) {
  return logs.size() < kOrderStatisticsFrom ? t_interval(logs, confidence) : order_interval(logs, confidence);
}

Comparison judged(double difference, const Interval& interval) {
  Comparison result{.ratio = std::exp(difference), .interval = {std::exp(interval.low), std::exp(interval.high)}};
  if (result.interval.high < 1) result.verdict = Verdict::Faster;
  if (result.interval.low > 1) result.verdict = Verdict::Slower;
  return result;
}

}  // namespace

std::optional<Interval> process_interval(std::span<const double> medians, double confidence) {
  if (medians.size() < 2) return std::nullopt;
  const Interval interval = median_interval(logarithms(medians), confidence);
  return Interval{std::exp(interval.low), std::exp(interval.high)};
}

double relative_width(const Interval& interval) {
  const double middle = (interval.low + interval.high) / 2;
  return middle > 0 ? (interval.high - interval.low) / middle : 0;
}

std::string_view text(Verdict verdict) {
  switch (verdict) {
    case Verdict::Faster:
      return "faster";
    case Verdict::Slower:
      return "slower";
    case Verdict::NotDecided:
      return "not decided";
    case Verdict::NoDifference:
      break;
  }
  return "no difference shown";
}

Comparison compare(std::span<const double> a, std::span<const double> b, double confidence) {
  if (a.empty() || b.empty()) return {.interval = {0, std::numeric_limits<double>::infinity()}};
  const std::vector<double> log_a = logarithms(a), log_b = logarithms(b);
  if (a.size() < 2 || b.size() < 2) {
    const double difference = median(log_a) - median(log_b);
    return {.ratio = std::exp(difference), .interval = {0, std::numeric_limits<double>::infinity()}};
  }
  const Moments x = moments(log_a), y = moments(log_b);
  const double share_x = x.variance / x.n, share_y = y.variance / y.n, variance = share_x + share_y;
  const double difference = x.mean - y.mean;
  if (variance == 0) return judged(difference, {difference, difference});
  // Welch and Satterthwaite's degrees of freedom.
  const double degrees = variance * variance / (share_x * share_x / (x.n - 1) + share_y * share_y / (y.n - 1));
  const double half = student(degrees, confidence) * std::sqrt(variance);
  return judged(difference, {difference - half, difference + half});
}

Comparison compare_pairs(std::span<const double> a, std::span<const double> b, double confidence) {
  const std::size_t n = std::min(a.size(), b.size());
  if (n < 2) return compare(a, b, confidence);
  const std::vector<double> log_a = logarithms(a.first(n)), log_b = logarithms(b.first(n));
  std::vector<double> differences(n);
  std::transform(log_a.begin(), log_a.end(), log_b.begin(), differences.begin(), std::minus<>());
  return judged(median(differences), median_interval(differences, confidence));
}

}  // namespace edgescope::measure
