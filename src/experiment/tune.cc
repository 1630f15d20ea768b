#include "experiment/tune.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace edgescope::experiment {
namespace {

constexpr double kFinalShare = 0.4;         // of the time
constexpr double kLeastSecondsOfArm = 0.4;  // about what starting a process and a glance take
constexpr std::size_t kFew = 4;             // arms that need no more halving
constexpr std::size_t kFinalProcesses = 5;

// Settings of both; nothing where they contradict each other.
std::optional<Settings> merged(const Settings& a, const Settings& b) {
  Settings both = a;
  for (const auto& [name, value] : b)
    if (const auto [it, added] = both.emplace(name, value); !added && it->second != value) return std::nullopt;
  return both;
}

class Search {
 public:
  Search(const Space& space, const TunePlan& plan, const MeasureArms& measure) : plan_(plan), measure_(measure) {
    fixed_.push_back({"default", {}});
    for (const auto& [name, settings] : space.hints) fixed_.push_back({name, settings});
    tuned_.confidence =
        1 - (1 - plan.confidence) / static_cast<double>(std::max<std::size_t>(1, fixed_.size() + plan.finalists - 1));
  }

  base::Result<Tuned> run(const Space& space) {
    std::vector<Arm> singles;
    for (const Knob& knob : space.knobs)
      for (const Settings& settings : knob.candidates) singles.push_back({name_of(settings), settings});
    leave_out_what_time_forbids(singles);
    const double share = plan_.seconds * (1 - kFinalShare);
    EDGESCOPE_TRY(best_alone, halve(singles, share * 0.6));
    EDGESCOPE_TRY(best, halve(combinations(best_alone), share * 0.4));
    for (const Arm& arm : best_alone)
      if (best.size() < plan_.finalists) best.push_back(arm);
    best.resize(std::min(best.size(), plan_.finalists));
    EDGESCOPE_CHECK(decide(best));
    return std::move(tuned_);
  }

 private:
  // A glance at every arm must fit into the first round.
  void leave_out_what_time_forbids(std::vector<Arm>& arms) {
    const double first = plan_.seconds * (1 - kFinalShare) * 0.6 / 2;
    const auto most = static_cast<std::size_t>(std::max(first / kLeastSecondsOfArm, 2.0));
    while (arms.size() > most) {
      tuned_.untried.insert(tuned_.untried.begin(), arms.back().name);
      arms.pop_back();
    }
  }

  Trial& trial_of(const Arm& arm) {
    for (Trial& trial : tuned_.trials)
      if (trial.arm.name == arm.name) return trial;
    return tuned_.trials.emplace_back(Trial{.arm = arm});
  }

  // The default and the hints, then `arms`, measured side by side for about `seconds` in all. What is answered is of
  // `arms` only, the fastest first, without those that do not run.
  base::Result<std::vector<Arm>> round(const std::vector<Arm>& arms, double seconds) {
    std::vector<Arm> all = fixed_;
    all.insert(all.end(), arms.begin(), arms.end());
    const double each = seconds / static_cast<double>(all.size());
    const measure::Plan plan{
        .processes = 2,
        .most_processes = std::max<std::size_t>(2, static_cast<std::size_t>(each / (2 * kLeastSecondsOfArm))),
        .time_limit = each,
        .target_width = 0.01,
        .seed = plan_.seed + ++rounds_,
        .sample_seconds = std::min(0.25, each / 4),
        .warm_up_seconds = std::min(0.5, each / 4)};
    EDGESCOPE_TRY(measured, measure_(all, plan));
    if (measured.front().processes.empty()) return base::fail(*measured.front().error);
    std::vector<std::pair<double, Arm>> order;
    for (std::size_t i = 0; i < all.size(); ++i) {
      const measure::Measurement& m = measured[i];
      Trial& trial = trial_of(all[i]);
      if (m.processes.empty()) {
        trial.refused = m.reason;
        continue;
      }
      ++trial.rounds;
      for (const measure::ProcessRun& run : m.processes) process_seconds_ = std::max(process_seconds_, run.seconds);
      trial.median_us = m.median_us();
      const measure::Comparison comparison = compare_waves(m, measured.front(), plan_.confidence);
      trial.ratio =
          std::isfinite(comparison.interval.high) && i > 0 ? std::optional(comparison.interval) : std::nullopt;
      if (i >= fixed_.size()) order.emplace_back(trial.median_us, all[i]);
    }
    std::stable_sort(order.begin(), order.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
    std::vector<Arm> result;
    for (auto& [us, arm] : order) result.push_back(std::move(arm));
    return result;
  }

  // Rounds of equal length with half the arms each time, so that who stays is measured twice as long.
  base::Result<std::vector<Arm>> halve(std::vector<Arm> arms, double seconds) {
    if (arms.empty()) return arms;
    std::size_t rounds = 1;
    for (std::size_t n = arms.size(); n > kFew; n = (n + 1) / 2) ++rounds;
    for (std::size_t i = 0; i < rounds; ++i) {
      EDGESCOPE_TRY(order, round(arms, seconds / static_cast<double>(rounds)));
      arms = std::move(order);
      if (i + 1 < rounds) arms.resize(std::min(arms.size(), std::max(kFew, (arms.size() + 1) / 2)));
    }
    return arms;
  }

  // What won alone, added one after the other as long as nothing contradicts, and the pairs of the first three.
  std::vector<Arm> combinations(const std::vector<Arm>& best) const {
    std::vector<Settings> found;
    const auto add = [&](const std::optional<Settings>& settings) {
      if (settings && std::find(found.begin(), found.end(), *settings) == found.end() &&
          std::none_of(best.begin(), best.end(), [&](const Arm& arm) { return arm.settings == *settings; }))
        found.push_back(*settings);
    };
    for (std::size_t i = 0; i < std::min<std::size_t>(3, best.size()); ++i)
      for (std::size_t j = i + 1; j < std::min<std::size_t>(3, best.size()); ++j)
        add(merged(best[i].settings, best[j].settings));
    Settings all;
    for (const Arm& arm : best)
      if (auto more = merged(all, arm.settings)) add(all = *more);
    // A hint leaves open what it does not decide.
    for (std::size_t i = 1; i < fixed_.size(); ++i)
      if (!best.empty()) add(merged(fixed_[i].settings, best.front().settings));
    std::vector<Arm> arms;
    if (!best.empty()) arms.push_back(best.front());  // to be beaten
    for (const Settings& settings : found) arms.push_back({name_of(settings), settings});
    return arms;
  }

  base::Status decide(const std::vector<Arm>& best) {
    std::vector<Arm> all = fixed_;
    all.insert(all.end(), best.begin(), best.end());
    const double each = plan_.seconds * kFinalShare / static_cast<double>(all.size());
    // Fewer than five processes could show nothing, so they come before the time limit; more only within it.
    const auto within = static_cast<std::size_t>(process_seconds_ > 0 ? each / process_seconds_ : 0);
    const measure::Plan plan{.processes = kFinalProcesses,
                             .most_processes = std::max(kFinalProcesses, within),
                             .time_limit = std::max(each, 1.5 * kFinalProcesses * process_seconds_),
                             .seed = plan_.seed + ++rounds_,
                             .sample_seconds = std::min(0.5, each / kFinalProcesses / 3),
                             .warm_up_seconds = std::min(1.0, each / kFinalProcesses / 3)};
    EDGESCOPE_TRY(measured, measure_(all, plan));
    if (measured.front().processes.empty()) return base::fail(*measured.front().error);
    for (std::size_t i = 0; i < all.size(); ++i)
      tuned_.finalists.push_back({all[i], std::move(measured[i]), {.interval = {1, 1}}});
    const measure::Measurement& normal = tuned_.finalists.front().measurement;
    for (std::size_t i = 1; i < tuned_.finalists.size(); ++i)
      tuned_.finalists[i].against_default = compare_waves(tuned_.finalists[i].measurement, normal, tuned_.confidence);
    for (std::size_t i = 1; i < tuned_.finalists.size(); ++i) {
      const Finalist& one = tuned_.finalists[i];
      if (one.against_default.verdict != measure::Verdict::Faster) continue;
      if (tuned_.winner == 0 || one.measurement.median_us() < tuned_.finalists[tuned_.winner].measurement.median_us())
        tuned_.winner = i;
    }
    return {};
  }

  const TunePlan& plan_;
  const MeasureArms& measure_;
  std::vector<Arm> fixed_;
  std::uint64_t rounds_ = 0;
  double process_seconds_ = 0;  // the longest that one took in the rounds
  Tuned tuned_;
};

}  // namespace

std::string name_of(const Settings& settings) {
  std::string name;
  for (const auto& [key, value] : settings) name += fmt::format("{}{}={}", name.empty() ? "" : " ", key, value);
  return name;
}

base::Result<Tuned> tune(const Space& space, const TunePlan& plan, const MeasureArms& measure) {
  return Search(space, plan, measure).run(space);
}

}  // namespace edgescope::experiment
