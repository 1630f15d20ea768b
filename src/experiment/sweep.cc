#include "experiment/sweep.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <random>
#include <set>

#include "experiment/series.h"
#include "experiment/timings.h"

namespace edgescope::experiment {
namespace {

using base::Json;

// Visits that the plan brings with it.
base::Result<std::vector<std::pair<Json, std::vector<double>>>> imported(const Plan& plan) {
  std::map<std::string, std::map<std::string, std::vector<double>>> files;
  std::vector<std::pair<Json, std::vector<double>>> result;
  for (const Import& import : plan.imports) {
    if (!files.contains(import.file)) {
      EDGESCOPE_TRY(timings, read_timings(import.file));
      files[import.file] = std::move(timings);
    }
    const auto& file = files[import.file];
    const auto found = file.find(import.series);
    if (found == file.end() || found->second.empty())
      return base::fail({.what = fmt::format("there is no series `{}` in it", import.series), .file = import.file});
    Json spec = import.spec;
    spec["timings"] = import.series;
    result.emplace_back(std::move(spec), found->second);
  }
  return result;
}

Json published(const Published& one) {
  return {{"interval_us", {one.us, one.us}}, {"basis", "published"}, {"rests_on", one.source}};
}

std::string remaining(double seconds) {
  if (seconds < 90) return fmt::format("{:.0f} s left", seconds);
  if (seconds < 5400) return fmt::format("{:.0f} min left", seconds / 60);
  return fmt::format("{:.1f} h left", seconds / 3600);
}

}  // namespace

std::vector<std::pair<std::size_t, std::size_t>> visiting_order(std::size_t points, std::size_t rounds,
                                                                std::uint64_t seed) {
  std::vector<std::pair<std::size_t, std::size_t>> result;
  std::vector<std::size_t> order(points);
  for (std::size_t round = 0; round < rounds; ++round) {
    // Of the seed and the round alone, so that a sweep that goes on has the order that it had.
    std::mt19937_64 random(seed * 1'000'003 + round);
    std::iota(order.begin(), order.end(), std::size_t{0});
    for (std::size_t i = points; i > 1; --i) std::swap(order[i - 1], order[random() % i]);
    for (std::size_t point : order) result.emplace_back(point, round);
  }
  return result;
}

base::Result<Sweep> sweep(Store& store, const Plan& plan, const Json& environment, const std::string& program,
                          const Measure& measure, const measure::Hooks& hooks) {
  EDGESCOPE_TRY(known, imported(plan));
  const std::vector<Json> specs = points(plan);
  std::vector<Json> all = specs;
  for (const auto& [spec, samples] : known) all.push_back(spec);
  for (const Published& one : plan.published) all.push_back(one.spec);

  Sweep result;
  EDGESCOPE_TRY(earlier, store.unfinished(to_json(plan)));
  result.resumed = earlier.has_value();
  if (earlier) {
    result.run = *earlier;
  } else {
    EDGESCOPE_TRY(begun, store.begin(plan, all, environment, program));
    result.run = begun;
  }
  EDGESCOPE_TRY(stored, store.points(result.run));
  if (stored.size() != all.size())
    return base::fail({.what = fmt::format("run {} holds other points than its plan", result.run)});

  std::vector<std::set<std::size_t>> visited(stored.size());
  std::set<std::size_t> failed;
  for (std::size_t i = 0; i < stored.size(); ++i) {
    EDGESCOPE_TRY(rounds, store.rounds(stored[i].id));
    visited[i] = {rounds.begin(), rounds.end()};
  }
  for (std::size_t i = 0; i < known.size(); ++i)
    if (visited[specs.size() + i].empty())
      EDGESCOPE_CHECK(store.add(stored[specs.size() + i].id, {.samples_us = known[i].second}));
  for (std::size_t i = 0; i < plan.published.size(); ++i) {
    const std::size_t point = specs.size() + known.size() + i;
    const Published& one = plan.published[i];
    if (visited[point].empty()) EDGESCOPE_CHECK(store.add(stored[point].id, {.facts = {{"told", published(one)}}}));
  }
  for (std::size_t i = 0; i < specs.size(); ++i) {
    if (visited[i].empty()) continue;
    EDGESCOPE_TRY(visits, store.visits(stored[i].id));
    if (std::any_of(visits.begin(), visits.end(), [](const Visit& visit) { return !visit.failure.empty(); }))
      failed.insert(i);
  }

  const auto order = visiting_order(specs.size(), plan.rounds, plan.seed);
  const double begin = hooks.now();
  for (std::size_t k = 0; k < order.size(); ++k) {
    const auto [point, round] = order[k];
    // What failed once is not tried again: it would fail in the same way in every round.
    if (visited[point].contains(round) || failed.contains(point)) continue;
    if (round > 0 && specs[point].contains("predict")) continue;  // a law says the same again
    const auto stopped = [&] {
      return base::fail(
          {.fault = base::Fault::interrupted,
           .what = fmt::format("stopped after {} of {} visits; the same command goes on from here", k, order.size())});
    };
    if (hooks.interrupted()) return stopped();
    const double spent = hooks.now() - begin;
    const std::string left =
        result.visited == 0
            ? ""
            : ", " + remaining(spent / static_cast<double>(result.visited) * static_cast<double>(order.size() - k));
    hooks.progress(fmt::format("{}, round {} of {}{}", describe(specs[point]), round + 1, plan.rounds, left),
                   static_cast<double>(k) / static_cast<double>(order.size()));
    auto visit = measure(specs[point], plan.seed * 1'000'003 + k);
    if (!visit) {
      if (visit.error().fault == base::Fault::interrupted) return stopped();
      if (visit.error().fault == base::Fault::usage) return base::fail(visit.error());
      visit = Visit{.failure = visit.error().message()};
      failed.insert(point);
    }
    visit->round = round;
    EDGESCOPE_CHECK(store.add(stored[point].id, *visit));
    ++result.visited;
  }
  EDGESCOPE_CHECK(store.finish(result.run));
  return result;
}

}  // namespace edgescope::experiment
