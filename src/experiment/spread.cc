#include "experiment/spread.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace edgescope::experiment {
namespace {

constexpr double kStableFloor = 0.20;
constexpr double kDependent = 0.2;  // lag 1; two standard errors of 100 independent samples
constexpr double kLongTail = 2;

double variation(const std::vector<double>& values) { return values.size() < 2 ? 0 : measure::describe(values).cv; }

std::vector<double> without_slowest(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  values.resize(values.size() - values.size() / 100);
  return values;
}

}  // namespace

Spread spread(const Series& series) {
  const measure::Statistics all = measure::describe(series.processes);
  Spread result{.lag1 = all.lag1, .floor_us = all.p5};
  std::vector<double> medians, within, trimmed;
  for (const auto& samples : series.processes) {
    medians.push_back(measure::median(samples));
    within.push_back(variation(samples));
    trimmed.push_back(variation(without_slowest(samples)));
  }
  result.cv = measure::median(within);
  result.cv99 = measure::median(trimmed);
  result.between = variation(medians);
  result.floor_spread = (value(series, quantile_of(0.10)) - value(series, quantile_of(0.01))) / all.p5;
  result.tail = all.median > all.p5 ? (all.p95 - all.median) / (all.median - all.p5) : 1;
  if (std::max(result.cv, result.between) < kLittle)
    result.cause = Spread::Cause::Little;
  else if (result.between > std::max(result.cv99, kLittle))
    result.cause = Spread::Cause::Processes;
  else if (result.cv99 < kLittle)
    result.cause = Spread::Cause::Interruptions;
  else if (result.floor_spread < kStableFloor && (result.tail > kLongTail || result.lag1 > kDependent))
    result.cause = Spread::Cause::Waiting;
  else
    result.cause = Spread::Cause::Noise;
  return result;
}

std::string_view text(Spread::Cause cause) {
  switch (cause) {
    case Spread::Cause::Interruptions:
      return "interruptions";
    case Spread::Cause::Waiting:
      return "waiting";
    case Spread::Cause::Processes:
      return "processes";
    case Spread::Cause::Noise:
      return "noise";
    case Spread::Cause::Little:
      break;
  }
  return "little";
}

}  // namespace edgescope::experiment
