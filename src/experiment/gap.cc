#include "experiment/gap.h"

namespace edgescope::experiment {
namespace {

Figure difference(const Series& a, const Series& b, const Statistic& statistic, double confidence) {
  std::vector<double> of_a = resampled(a, statistic, {.confidence = confidence, .seed = 1});
  const std::vector<double> of_b = resampled(b, statistic, {.confidence = confidence, .seed = 2});
  for (std::size_t i = 0; i < of_a.size(); ++i) of_a[i] -= of_b[i];
  return {value(a, statistic) - value(b, statistic), measure::percentile_interval(std::move(of_a), confidence)};
}

bool shown(const Figure& figure) { return figure.interval.low > 0 || figure.interval.high < 0; }

}  // namespace

Gap::Verdict Gap::verdict() const {
  if (shown(floor)) return Verdict::Cost;
  return shown(mean) || shown(median) ? Verdict::Waiting : Verdict::None;
}

Gap gap(const Series& a, const Series& b, double confidence) {
  return {difference(a, b, mean_of(), confidence), difference(a, b, quantile_of(0.5), confidence),
          difference(a, b, quantile_of(0.05), confidence)};
}

std::string_view text(Gap::Verdict verdict) {
  switch (verdict) {
    case Gap::Verdict::Waiting:
      return "waiting";
    case Gap::Verdict::Cost:
      return "cost";
    case Gap::Verdict::None:
      break;
  }
  return "no difference shown";
}

}  // namespace edgescope::experiment
