#include "experiment/scaling.h"

#include <algorithm>
#include <cmath>
#include <set>

namespace edgescope::experiment {
namespace {

constexpr double kFloor = 0.05;  // the percentile that is fitted

std::vector<double> values(const std::vector<const Series*>& series, const Statistic& statistic) {
  std::vector<double> result;
  for (const Series* one : series) result.push_back(value(*one, statistic));
  return result;
}

}  // namespace

Line fit_line(const std::vector<double>& n, const std::vector<double>& us) {
  double w = 0, wn = 0, wy = 0, wnn = 0, wny = 0;
  for (std::size_t i = 0; i < n.size(); ++i) {
    const double weight = 1 / std::max(us[i] * us[i], 1e-18);
    w += weight;
    wn += weight * n[i];
    wy += weight * us[i];
    wnn += weight * n[i] * n[i];
    wny += weight * n[i] * us[i];
  }
  const double each = (w * wny - wn * wy) / (w * wnn - wn * wn);
  return {(wy - each * wn) / w, each};
}

std::optional<AffineFit> fit(const std::vector<Series>& series, const std::string& along, double confidence) {
  std::vector<const Series*> used;
  for (const Series& one : series)
    if (!one.empty() && one.spec.contains(along) && one.spec[along].is_number()) used.push_back(&one);
  std::stable_sort(used.begin(), used.end(), [&along](const Series* a, const Series* b) {
    return a->spec[along].get<double>() < b->spec[along].get<double>();
  });
  AffineFit result;
  for (const Series* one : used) result.n.push_back(one->spec[along].get<double>());
  if (std::set<double>(result.n.begin(), result.n.end()).size() < 2) return std::nullopt;

  const std::vector<double> floors = values(used, quantile_of(kFloor));
  const Line line = fit_line(result.n, floors);
  const Line least = fit_line(result.n, values(used, quantile_of(0)));
  result.minimum_fixed_us = least.fixed;
  result.minimum_each_us = least.each;
  for (std::size_t i = 0; i < floors.size(); ++i)
    result.worst_residual =
        std::max(result.worst_residual, std::abs(line.fixed + line.each * result.n[i] - floors[i]) / floors[i]);
  result.factor = value(*used.back(), quantile_of(0.5)) / value(*used.front(), quantile_of(0.5));

  std::vector<std::vector<double>> drawn;  // one list of floors a series
  measure::BootstrapOptions options{.confidence = confidence};
  for (const Series* one : used) {
    ++options.seed;
    drawn.push_back(resampled(*one, quantile_of(kFloor), options));
    const std::size_t k = drawn.size() - 1;
    result.places.push_back({.n = result.n[k],
                             .floor_us = {floors[k], measure::percentile_interval(drawn.back(), confidence)},
                             .median_us = value(*one, quantile_of(0.5)),
                             .mean_us = value(*one, mean_of())});
  }
  std::vector<double> fixed, each, us(used.size());
  for (int i = 0; i < options.resamples; ++i) {
    for (std::size_t k = 0; k < used.size(); ++k) us[k] = drawn[k][static_cast<std::size_t>(i)];
    const Line one = fit_line(result.n, us);
    fixed.push_back(one.fixed);
    each.push_back(one.each);
  }
  result.fixed_us = {line.fixed, measure::percentile_interval(std::move(fixed), confidence)};
  result.each_us = {line.each, measure::percentile_interval(std::move(each), confidence)};
  return result;
}

}  // namespace edgescope::experiment
