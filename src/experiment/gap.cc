#include "experiment/gap.h"

namespace edgescope::experiment {
namespace {

const std::vector<Statistic>& statistics() {
  static const std::vector<Statistic> list = {mean_of(), quantile_of(0.5), quantile_of(0.05)};
  return list;
}

bool shown(const Figure& figure) { return figure.interval.low > 0 || figure.interval.high < 0; }

}  // namespace

Gap::Verdict Gap::verdict() const {
  if (shown(floor)) return Verdict::Cost;
  return shown(mean) || shown(median) ? Verdict::Waiting : Verdict::None;
}

Drawn::Drawn(const Series& series, std::uint64_t seed) : resamples_(resampled(series, statistics(), {.seed = seed})) {
  for (const Statistic& statistic : statistics()) values_.push_back(value(series, statistic));
}

Gap gap(const Drawn& a, const Drawn& b, double confidence) {
  const auto difference = [&](std::size_t k) {
    std::vector<double> differences = a.resamples_[k];
    for (std::size_t i = 0; i < differences.size(); ++i) differences[i] -= b.resamples_[k][i];
    return Figure{a.values_[k] - b.values_[k], measure::percentile_interval(std::move(differences), confidence)};
  };
  return {difference(0), difference(1), difference(2)};
}

Gap gap(const Series& a, const Series& b, double confidence) { return gap(Drawn(a, 1), Drawn(b, 2), confidence); }

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
