#include "experiment/series.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/math/distributions/normal.hpp>
#include <boost/math/distributions/students_t.hpp>
#include <cmath>
#include <deque>
#include <numeric>
#include <random>

namespace edgescope::experiment {

namespace {

// Resamples of one process's samples as how often each of them is drawn: order statistics of thousands of resamples
// follow from one sort.
class Counted {
 public:
  Counted(const std::vector<double>& samples, measure::BootstrapOptions options)
      : sorted_(samples), ranks_(samples.size()) {
    std::vector<std::size_t> order(samples.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return samples[a] < samples[b]; });
    for (std::size_t rank = 0; rank < order.size(); ++rank) {
      sorted_[rank] = samples[order[rank]];
      ranks_[order[rank]] = static_cast<double>(rank);
    }
    if (options.block == 0) options.block = measure::block_length(samples);
    resampler_.emplace(ranks_, options);
  }
  Counted(const Counted&) = delete;  // the resampler looks at the ranks

  void next() {
    counts_.assign(sorted_.size(), 0);
    sum_ = 0;
    for (const double rank : resampler_->next()) {
      ++counts_[static_cast<std::size_t>(rank)];
      sum_ += sorted_[static_cast<std::size_t>(rank)];
    }
  }

  // Of the last resample.
  double value(const Statistic& statistic) const {
    if (!statistic.quantile) return sum_ / static_cast<double>(sorted_.size());
    const double place = static_cast<double>(sorted_.size() - 1) * *statistic.quantile;
    const auto below = static_cast<std::uint64_t>(place);
    std::uint64_t seen = 0;
    std::size_t rank = 0;
    while ((seen += counts_[rank]) <= below) ++rank;
    const double low = sorted_[rank], share = place - std::floor(place);
    if (share == 0 || seen > below + 1) return low;
    do ++rank;
    while (counts_[rank] == 0);
    return low + share * (sorted_[rank] - low);
  }

 private:
  std::vector<double> sorted_, ranks_;
  std::optional<measure::Resampler> resampler_;
  std::vector<std::uint32_t> counts_;
  double sum_ = 0;
};

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

double Statistic::operator()(const std::vector<double>& samples) const {
  if (!quantile) return std::accumulate(samples.begin(), samples.end(), 0.0) / static_cast<double>(samples.size());
  std::vector<double> sorted = samples;
  std::sort(sorted.begin(), sorted.end());
  return measure::quantile(sorted, *quantile);
}

std::vector<double> resampled(const Series& series, const Statistic& statistic,
                              const measure::BootstrapOptions& options) {
  return std::move(resampled(series, std::vector{statistic}, options).front());
}

std::vector<std::vector<double>> resampled(const Series& series, const std::vector<Statistic>& statistics,
                                           const measure::BootstrapOptions& options) {
  std::mt19937_64 random(options.seed);
  std::deque<Counted> resamplers;
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
      Counted& one = resamplers[resamplers.size() == 1 ? 0 : random() % resamplers.size()];
      one.next();
      for (std::size_t k = 0; k < statistics.size(); ++k) drawn[k].push_back(one.value(statistics[k]));
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
