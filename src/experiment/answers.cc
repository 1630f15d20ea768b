#include "experiment/answers.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "base/units.h"
#include "experiment/gap.h"
#include "experiment/scaling.h"
#include "experiment/spread.h"

namespace edgescope::experiment {
namespace {

using base::Json;

constexpr double kCrooked = 0.15;  // a line that misses a floor by more is none

std::string us(double value) { return (value < 0 ? "-" : "") + base::microseconds_text(std::abs(value)); }

Json interval_json(const measure::Interval& interval) { return Json::array({interval.low, interval.high}); }

void put(Json& row, const std::string& name, const Figure& figure) {
  row[name + "_us"] = figure.value;
  row[name + "_interval_us"] = interval_json(figure.interval);
}

// Without what all series share; a series that shares everything is called by all that it is.
std::string label_of(const Json& spec, const std::vector<Series>& series, std::vector<std::string> leave_out) {
  std::vector<Json> specs;
  for (const Series& one : series) specs.push_back(one.spec);
  std::vector<std::string> shared = shared_members(specs);
  shared.insert(shared.end(), leave_out.begin(), leave_out.end());
  const std::string label = describe(spec, shared);
  return label.empty() ? describe(spec, leave_out) : label;
}

// Series that differ only along one axis, in its order; those without samples or without the axis are left out.
// The label says what the others have in common.
struct Group {
  std::string label;
  std::vector<Series> series;
};

std::vector<Group> groups(const std::vector<Series>& series, const std::string& along) {
  std::vector<Group> result;
  for (const Series& one : series) {
    if (one.empty() || !one.spec.contains(along)) continue;
    const std::string label = label_of(one.spec, series, {along, "timings"});
    auto group = std::find_if(result.begin(), result.end(), [&](const Group& g) { return g.label == label; });
    if (group == result.end()) group = result.insert(result.end(), Group{.label = label});
    group->series.push_back(one);
  }
  for (Group& group : result)
    std::stable_sort(group.series.begin(), group.series.end(), [&along](const Series& a, const Series& b) {
      const Json &x = a.spec[along], &y = b.spec[along];
      return x.is_number() && y.is_number() && x.get<double>() < y.get<double>();
    });
  return result;
}

std::string factor_text(const Json& a, const Json& b, const std::string& along) {
  const double more = a["each_us"].get<double>() / b["each_us"].get<double>();
  return fmt::format(
      "{} grows by a factor of {:.2f} and {} by {:.2f} over the same range, which says nothing about which scales "
      "better: {} of each call are fixed on the first and {} on the second, and each further unit of {} costs {} "
      "there and {} here, {:.1f} times as much.",
      a["label"].get<std::string>(), a["factor"].get<double>(), b["label"].get<std::string>(),
      b["factor"].get<double>(), us(a["fixed_us"]), us(b["fixed_us"]), along, us(a["each_us"]), us(b["each_us"]), more);
}

Json scaling(const Question& question, const std::vector<Series>& series) {
  Json rows = Json::array();
  std::vector<std::string> said;
  for (const Group& group : groups(series, question.along)) {
    const auto fitted = fit(group.series, question.along);
    if (!fitted) continue;
    Json row = {{"label", group.label}, {"from", fitted->n.front()}, {"to", fitted->n.back()}};
    put(row, "fixed", fitted->fixed_us);
    put(row, "each", fitted->each_us);
    row["minimum_fixed_us"] = fitted->minimum_fixed_us;
    row["minimum_each_us"] = fitted->minimum_each_us;
    row["factor"] = fitted->factor;
    row["worst_residual"] = fitted->worst_residual;
    row["basis"] = "measured";
    Json& places = row["points"] = Json::array();
    for (const Series& one : group.series)
      places.push_back({{question.along, one.spec[question.along]},
                        {"p5_us", value(one, quantile_of(0.05))},
                        {"median_us", value(one, quantile_of(0.5))},
                        {"mean_us", value(one, mean_of())}});
    if (fitted->worst_residual > kCrooked)
      said.push_back(fmt::format("{} does not grow along a line: it lies up to {:.0f} % beside it.", group.label,
                                 fitted->worst_residual * 100));
    rows.push_back(std::move(row));
  }
  if (rows.empty()) {
    said = {fmt::format("No runtime was measured at two different values of {}.", question.along)};
  } else if (rows.size() == 1) {
    said.insert(said.begin(),
                fmt::format("{}: {} fixed and {} for each unit of {}.", rows[0]["label"].get<std::string>(),
                            us(rows[0]["fixed_us"]), us(rows[0]["each_us"]), question.along));
  } else {
    // The pair that a ratio misleads most about: the dearest unit against the cheapest.
    const auto each = [](const Json& a, const Json& b) { return a["each_us"] < b["each_us"]; };
    const Json& dear = *std::max_element(rows.begin(), rows.end(), each);
    const Json& cheap = *std::min_element(rows.begin(), rows.end(), each);
    if (cheap["each_us"].get<double>() > 0) said.insert(said.begin(), factor_text(dear, cheap, question.along));
  }
  return {{"question", fmt::format("How does the time grow with {}?", question.along)},
          {"conclusion", fmt::format("{}", fmt::join(said, " "))},
          {"rows", std::move(rows)}};
}

std::string cause_text(Spread::Cause cause) {
  switch (cause) {
    case Spread::Cause::Waiting:
      return "calls wait on top of a stable floor (host, bus, scheduler), they do not compute longer";
    case Spread::Cause::Processes:
      return "processes differ from each other (memory layout, cores, clock), each by itself is steadier";
    case Spread::Cause::Noise:
      return "the times alone do not tell";
    case Spread::Cause::Little:
      break;
  }
  return "little spread";
}

Json variance(const std::vector<Series>& series) {
  Json rows = Json::array();
  std::map<Spread::Cause, std::vector<std::string>> by_cause;
  for (const Series& one : series) {
    if (one.empty()) continue;
    const Spread found = spread(one);
    const std::string label = label_of(one.spec, series, {"timings"});
    rows.push_back({{"label", label},
                    {"cv", found.cv},
                    {"lag1", found.lag1},
                    {"floor_us", found.floor_us},
                    {"floor_spread", found.floor_spread},
                    {"tail", found.tail},
                    {"between_processes", found.between},
                    {"cause", text(found.cause)},
                    {"why", cause_text(found.cause)},
                    {"basis", "measured"}});
    by_cause[found.cause].push_back(label);
  }
  std::string said;
  for (const auto& [cause, labels] : by_cause)
    said +=
        fmt::format("{}{} of {} series: {}.", said.empty() ? "" : " ", labels.size(), rows.size(), cause_text(cause));
  return {{"question", "How much do the times vary, and why?"},
          {"conclusion", rows.empty() ? std::string("Nothing was measured.") : said},
          {"rows", std::move(rows)}};
}

Json ladder(const Question& question, const std::vector<Series>& series) {
  Json rows = Json::array();
  std::size_t costs = 0, waits = 0;
  std::string misleading;
  for (const Group& group : groups(series, question.along))
    for (std::size_t i = 1; i < group.series.size(); ++i) {
      const Series &less = group.series[i - 1], &more = group.series[i];
      const Gap step = gap(more, less);
      Json row = {{"label", group.label}, {"from", less.spec[question.along]}, {"to", more.spec[question.along]}};
      put(row, "mean", step.mean);
      put(row, "median", step.median);
      put(row, "floor", step.floor);
      row["verdict"] = text(step.verdict());
      row["basis"] = "measured";
      costs += step.verdict() == Gap::Verdict::Cost;
      waits += step.verdict() == Gap::Verdict::Waiting;
      if (step.verdict() == Gap::Verdict::Waiting && misleading.empty())
        misleading = fmt::format(
            " From {} {} to {} the mean changes by {} ({} to {}) while the fastest calls differ by {} ({} to {}), "
            "which is not shown to be other than zero: a comparison of means without intervals misleads here.",
            question.along, base::dump(row["from"]), base::dump(row["to"]), us(step.mean.value),
            us(step.mean.interval.low), us(step.mean.interval.high), us(step.floor.value), us(step.floor.interval.low),
            us(step.floor.interval.high));
      rows.push_back(std::move(row));
    }
  const std::string said =
      rows.empty() ? fmt::format("No two neighbours along {} were measured.", question.along)
                   : fmt::format(
                         "Of {} steps {} change what the fastest calls take, {} only how long calls wait, {} nothing "
                         "that is shown.{}",
                         rows.size(), costs, waits, rows.size() - costs - waits, misleading);
  return {{"question", fmt::format("What does each step of {} cost?", question.along)},
          {"conclusion", said},
          {"rows", std::move(rows)}};
}

// Which of several ways is the fastest at each place.
Json strategies(const Question& question, const std::vector<Series>& series) {
  const std::string along = question.along.empty() ? "strategy" : question.along;
  Json rows = Json::array();
  std::map<std::string, std::size_t> wins;
  for (const Group& group : groups(series, along)) {
    if (group.series.size() < 2) continue;
    const auto faster = [](const Series& a, const Series& b) {
      return value(a, quantile_of(0.5)) < value(b, quantile_of(0.5));
    };
    const auto best = std::min_element(group.series.begin(), group.series.end(), faster);
    for (auto one = group.series.begin(); one != group.series.end(); ++one) {
      Json row = {{"label", group.label}, {along, one->spec[along]}, {"median_us", value(*one, quantile_of(0.5))}};
      if (one == best) {
        row["verdict"] = "fastest";
        ++wins[base::dump(one->spec[along])];
      } else {
        const Gap slower = gap(*one, *best);
        put(row, "slower_by", slower.median);
        row["verdict"] = slower.median.interval.low > 0 ? "slower" : "no difference shown";
      }
      row["basis"] = "measured";
      rows.push_back(std::move(row));
    }
  }
  std::string said;
  for (const auto& [name, count] : wins) said += fmt::format("{}{} in {}", said.empty() ? "" : ", ", name, count);
  return {{"question", fmt::format("Which {} is the fastest?", along)},
          {"conclusion",
           wins.empty() ? fmt::format("No place has two values of {}.", along) : "The fastest: " + said + " places."},
          {"rows", std::move(rows)}};
}

// What analysis/parity.h found at each point that compares runtimes.
Json parity(const std::vector<Series>& series) {
  Json rows = Json::array();
  std::size_t differ = 0;
  for (const Series& one : series) {
    if (!one.facts.contains("parity")) continue;
    const Json& found = one.facts["parity"];
    for (const Json& pair : found["pairs"]) {
      Json row = {
          {"label", label_of(one.spec, series, {"compare"})}, {"reference", found["reference"]}, {"on", pair["on"]}};
      if (pair["valid"].get<bool>()) {
        row["agreement"] = pair["agreement"];
        differ += pair["agreement"] == "differs";
        double worst = 0;
        for (const Json& output : pair["outputs"]) worst = std::max(worst, output["max_abs"].get<double>());
        row["max_abs"] = worst;
      } else {
        row["agreement"] = pair["reason"];
      }
      row["basis"] = "measured";
      rows.push_back(std::move(row));
    }
  }
  const std::string said = rows.empty()
                               ? std::string("No two runtimes were compared.")
                               : fmt::format("{} of {} comparisons differ by more than rounding.", differ, rows.size());
  return {{"question", "Do the runtimes give the same results?"}, {"conclusion", said}, {"rows", std::move(rows)}};
}

}  // namespace

Json answer(const Question& question, const std::vector<Series>& series) {
  Json result = {{"kind", question.kind}, {"along", question.along.empty() ? Json(nullptr) : Json(question.along)}};
  Json found;
  if (question.kind == "scaling" || question.kind == "size")
    found = scaling(question, series);
  else if (question.kind == "variance")
    found = variance(series);
  else if (question.kind == "ladder")
    found = ladder(question, series);
  else if (question.kind == "parity")
    found = parity(series);
  else
    found = strategies(question, series);
  for (auto& [key, value] : found.items()) result[key] = std::move(value);
  return result;
}

}  // namespace edgescope::experiment
