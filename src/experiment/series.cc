#include "experiment/series.h"

#include <fmt/format.h>

#include <boost/math/distributions/normal.hpp>
#include <boost/math/distributions/students_t.hpp>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>

namespace edgescope::experiment {

namespace {

double widening(std::size_t processes, double confidence) {
  if (processes < 2) return 1;
  const double n = static_cast<double>(processes), tail = (1 - confidence) / 2;
  return boost::math::quantile(complement(boost::math::students_t(n - 1), tail)) /
         boost::math::quantile(complement(boost::math::normal(), tail)) * std::sqrt(n / (n - 1));
}

}  // namespace

std::optional<Told> told(const Series& series) {
  const auto found = series.facts.find("told");
  if (found == series.facts.end()) return std::nullopt;
  const base::Json& us = (*found)["interval_us"];
  return Told{.us = {us[0].get<double>(), us[1].get<double>()},
              .basis = (*found)["basis"].get<std::string>(),
              .rests_on = (*found)["rests_on"].get<std::string>()};
}

Statistic mean_of() {
  return [](const std::vector<double>& samples) {
    return std::accumulate(samples.begin(), samples.end(), 0.0) / static_cast<double>(samples.size());
  };
}

Statistic quantile_of(double p) {
  // The two order statistics that measure::quantile lies between, without sorting the others: it is asked of every
  // resample.
  return [p](const std::vector<double>& samples) {
    std::vector<double> some = samples;
    const double place = static_cast<double>(some.size() - 1) * p;
    const auto low = some.begin() + static_cast<std::ptrdiff_t>(place);
    std::nth_element(some.begin(), low, some.end());
    const double share = place - std::floor(place);
    if (share == 0) return *low;
    return *low + share * (*std::min_element(low + 1, some.end()) - *low);
  };
}

std::vector<double> resampled(const Series& series, const Statistic& statistic,
                              const measure::BootstrapOptions& options) {
  return std::move(resampled(series, std::vector{statistic}, options).front());
}

std::vector<std::vector<double>> resampled(const Series& series, const std::vector<Statistic>& statistics,
                                           const measure::BootstrapOptions& options) {
  std::mt19937_64 random(options.seed);
  std::vector<measure::Resampler> resamplers;
  for (const auto& samples : series.processes) {
    measure::BootstrapOptions own = options;
    own.seed = random();
    resamplers.emplace_back(samples, own);
  }
  std::vector<double> centres;
  for (const Statistic& statistic : statistics) centres.push_back(value(series, statistic));
  const double wider = widening(resamplers.size(), options.confidence);
  std::vector<std::vector<double>> result(statistics.size()), drawn(statistics.size());
  for (int i = 0; i < options.resamples; ++i) {
    for (std::vector<double>& one : drawn) one.clear();
    for (std::size_t n = 0; n < resamplers.size(); ++n) {
      const std::vector<double>& samples = resamplers[resamplers.size() == 1 ? 0 : random() % resamplers.size()].next();
      for (std::size_t k = 0; k < statistics.size(); ++k) drawn[k].push_back(statistics[k](samples));
    }
    for (std::size_t k = 0; k < statistics.size(); ++k)
      result[k].push_back(centres[k] + wider * (measure::median(drawn[k]) - centres[k]));
  }
  return result;
}

double value(const Series& series, const Statistic& statistic) {
  std::vector<double> of_each;
  for (const auto& samples : series.processes) of_each.push_back(statistic(samples));
  return measure::median(std::move(of_each));
}

std::string describe(const base::Json& spec, const std::vector<std::string>& leave_out) {
  static const std::vector<std::string> kSelfExplaining = {"on",     "predict", "published", "compare",
                                                           "family", "model",   "strategy"};
  std::vector<std::string> words;
  const auto say = [&](const std::string& key, const base::Json& member, bool bare) {
    if (std::find(leave_out.begin(), leave_out.end(), key) != leave_out.end()) return;
    std::string shown = member.is_string() ? member.get<std::string>() : base::dump(member);
    if (key == "predict") shown += " (predicted)";
    if (key == "published") shown = "published by " + shown;
    words.push_back(bare ? shown : key + " " + shown);
  };
  for (const std::string& key : kSelfExplaining)
    if (spec.contains(key)) say(key, spec[key], true);
  for (const auto& [key, member] : spec.items())
    if (std::find(kSelfExplaining.begin(), kSelfExplaining.end(), key) == kSelfExplaining.end())
      say(key, member, false);
  return fmt::format("{}", fmt::join(words, ", "));
}

std::vector<std::string> shared_members(const std::vector<base::Json>& specs) {
  std::vector<std::string> result;
  if (specs.size() < 2) return result;
  for (const auto& [key, member] : specs.front().items())
    if (std::all_of(specs.begin(), specs.end(),
                    [&](const base::Json& spec) { return spec.contains(key) && spec[key] == member; }))
      result.push_back(key);
  return result;
}

}  // namespace edgescope::experiment
