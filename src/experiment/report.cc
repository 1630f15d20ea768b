#include "experiment/report.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "measure/statistics.h"

namespace edgescope::experiment {
namespace {

using base::Json;

std::vector<double> process_medians(const Series& series) {
  std::vector<double> result;
  for (const auto& samples : series.processes) result.push_back(measure::median(samples));
  return result;
}

Json interval_json(const measure::Interval& interval) {
  return std::isfinite(interval.high) ? Json::array({interval.low, interval.high}) : Json(nullptr);
}

Json point_json(const Point& point, const Series& series, const std::vector<std::string>& shared) {
  const std::string label = describe(point.spec, shared);
  Json json = {{"label", label.empty() ? describe(point.spec) : label},
               {"spec", point.spec},
               {"processes", series.processes.size()}};
  if (!series.empty()) {
    const measure::Statistics s = measure::describe(series.processes);
    const std::vector<double> medians = process_medians(series);
    const auto interval = measure::process_interval(medians);
    json["samples"] = s.count;
    json["median_us"] = measure::median(medians);
    json["interval_us"] = interval ? interval_json(*interval) : Json(nullptr);
    json["min_us"] = s.min;
    json["p5_us"] = s.p5;
    json["p95_us"] = s.p95;
    json["mean_us"] = s.mean;
    json["cv"] = s.cv;
    json["lag1"] = s.lag1;
    json["basis"] = "measured";
  } else if (const auto known = told(series)) {
    json["interval_us"] = interval_json(known->us);
    json["basis"] = known->basis;
    json["rests_on"] = known->rests_on;
  }
  json["facts"] = series.facts;
  json["failure"] = series.note.empty() ? Json(nullptr) : Json(series.note);
  return json;
}

}  // namespace

Series series_of(const Point& point, const std::vector<Visit>& visits) {
  Series series{.spec = point.spec};
  if (!visits.empty()) series.facts = visits.front().facts;
  for (const Visit& visit : visits) {
    if (!visit.failure.empty()) series.note = visit.failure;
    if (!visit.samples_us.empty()) series.processes.push_back(visit.samples_us);
  }
  return series;
}

Json to_json(const Run& run) {
  return {{"id", run.id},           {"name", run.name},
          {"started", run.started}, {"finished", run.finished.empty() ? Json(nullptr) : Json(run.finished)},
          {"points", run.points},   {"visits", run.visits},
          {"program", run.program}, {"cpu", run.environment.value("cpu", Json(nullptr))}};
}

base::Status add_run(Json& document, Store& store, std::int64_t id) {
  EDGESCOPE_TRY(run, store.run(id));
  EDGESCOPE_TRY(points, store.points(id));
  document["run"] = to_json(run);
  document["plan"] = run.plan;
  Json& list = document["points"] = Json::array();
  std::vector<Json> specs;
  for (const Point& point : points) specs.push_back(point.spec);
  std::vector<std::string> shared = shared_members(specs);
  if (!specs.empty()) {
    Json same = Json::object();
    for (const std::string& key : shared) same[key] = specs.front()[key];
    document["same_for_all"] = std::move(same);
  }
  shared.push_back("timings");
  std::vector<Series> all;
  for (const Point& point : points) {
    EDGESCOPE_TRY(visits, store.visits(point.id));
    all.push_back(series_of(point, visits));
    list.push_back(point_json(point, all.back(), shared));
  }
  Json& answers = document["answers"] = Json::array();
  for (const Json& question : run.plan["questions"])
    answers.push_back(answer({question["kind"].get<std::string>(), question["along"].get<std::string>()}, all));
  document["environment"] = run.environment;
  return {};
}

bool Comparison::regressed() const {
  return std::any_of(changes.begin(), changes.end(),
                     [](const Change& change) { return change.comparison.verdict == measure::Verdict::Slower; });
}

base::Result<Comparison> compare(Store& store, std::int64_t before, std::int64_t after, double confidence) {
  const auto medians = [&store](std::int64_t run) -> base::Result<std::map<std::string, std::vector<double>>> {
    EDGESCOPE_TRY(exists, store.run(run));
    EDGESCOPE_TRY(points, store.points(exists.id));
    std::map<std::string, std::vector<double>> result;
    for (const Point& point : points) {
      EDGESCOPE_TRY(visits, store.visits(point.id));
      const Series series = series_of(point, visits);
      if (!series.empty()) result[base::dump(point.spec)] = process_medians(series);
    }
    return result;
  };
  EDGESCOPE_TRY(old_ones, medians(before));
  EDGESCOPE_TRY(new_ones, medians(after));
  Comparison result{.confidence = confidence};
  std::size_t both = 0;
  for (const auto& [spec, values] : old_ones) both += new_ones.contains(spec);
  const double each = 1 - (1 - confidence) / static_cast<double>(std::max<std::size_t>(both, 1));
  EDGESCOPE_TRY(points, store.points(after));
  for (const Point& point : points) {  // in the plan's order
    const std::string key = base::dump(point.spec);
    if (!new_ones.contains(key) || !old_ones.contains(key)) continue;
    result.changes.push_back({.spec = point.spec,
                              .before_us = measure::median(old_ones[key]),
                              .after_us = measure::median(new_ones[key]),
                              .comparison = measure::compare(new_ones[key], old_ones[key], each)});
  }
  result.only_before = old_ones.size() - both;
  result.only_after = new_ones.size() - both;
  return result;
}

Json to_json(const Comparison& comparison) {
  Json json = {{"regressed", comparison.regressed()},
               {"confidence", comparison.confidence},
               {"only_before", comparison.only_before},
               {"only_after", comparison.only_after},
               {"basis", "measured"}};
  Json& list = json["points"] = Json::array();
  for (const Change& change : comparison.changes)
    list.push_back({{"label", describe(change.spec, {"timings"})},
                    {"spec", change.spec},
                    {"before_us", change.before_us},
                    {"after_us", change.after_us},
                    {"ratio", change.comparison.ratio},
                    {"ratio_interval", interval_json(change.comparison.interval)},
                    {"verdict", measure::text(change.comparison.verdict)}});
  return json;
}

}  // namespace edgescope::experiment
