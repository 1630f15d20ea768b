#include "experiment/tune_json.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <thread>

namespace edgescope::experiment {
namespace {

using base::Json;

double rounded(double value, double step) { return std::round(value / step) * step; }

Json settings_json(const Settings& settings) {
  Json json = Json::object();
  for (const auto& [name, value] : settings) json[name] = value;
  return json;
}

Json interval_json(const std::optional<measure::Interval>& interval, double step) {
  if (!interval || !std::isfinite(interval->high)) return nullptr;
  return Json::array({rounded(interval->low, step), rounded(interval->high, step)});
}

Json properties_json(const Space& space) {
  std::size_t listed = 0;
  Json list = Json::array();
  for (const Knob& knob : space.knobs) {
    listed += knob.documented;
    Json tried = Json::array();
    for (const Settings& settings : knob.candidates) tried.push_back(name_of(settings));
    list.push_back({{"name", knob.name},
                    {"listed", knob.documented},
                    {"value", knob.documented ? Json(knob.value) : Json(nullptr)},
                    {"options", knob.options},
                    {"range", knob.range.empty() ? Json(nullptr) : Json(knob.range)},
                    {"tried", std::move(tried)},
                    {"why_not", knob.why_not.empty() ? Json(nullptr) : Json(knob.why_not)}});
  }
  return {{"writable", listed},
          {"read_only", space.read_only},
          {"unlisted", space.knobs.size() - listed},
          {"settings", std::move(list)}};
}

// Rates where the objective is throughput: the samples are shares of the time.
Json finalist_json(const Finalist& one, SpeedObjective objective, bool is_default) {
  const measure::Measurement& m = one.measurement;
  Json json = {{"name", one.arm.name},
               {"settings", settings_json(one.arm.settings)},
               {"valid", m.valid},
               {"reason", m.valid ? Json(nullptr) : Json(m.reason)},
               {"processes", m.processes.size()}};
  if (m.processes.empty()) return json;
  if (objective == SpeedObjective::Throughput) {
    json["per_second"] = rounded(1e6 / m.median_us(), 0.01);
    const auto us = m.interval();
    json["per_second_interval"] =
        us ? interval_json(measure::Interval{1e6 / us->high, 1e6 / us->low}, 0.01) : Json(nullptr);
  } else {
    json["median_us"] = rounded(m.median_us(), 1e-3);
    json["interval_us"] = interval_json(m.interval(), 1e-3);
  }
  if (m.loaded) json["precision"] = m.loaded->precision;
  if (is_default) return json;
  json["verdict"] = text(one.against_default.verdict);
  json["ratio"] = rounded(one.against_default.ratio, 1e-4);
  json["ratio_interval"] = interval_json(one.against_default.interval, 1e-4);
  return json;
}

Json trials_json(const std::vector<Trial>& trials) {
  Json list = Json::array();
  for (const Trial& trial : trials)
    list.push_back({{"name", trial.arm.name},
                    {"rounds", trial.rounds},
                    {"us", trial.rounds > 0 ? Json(rounded(trial.median_us, 1e-3)) : Json(nullptr)},
                    {"ratio_interval", interval_json(trial.ratio, 1e-4)},
                    {"refused", trial.refused.empty() ? Json(nullptr) : Json(trial.refused)}});
  return list;
}

// How the winner stands against what the runtime's hints give, from the same measurement.
Json hints_json(const Tuned& tuned, const Space& space) {
  Json list = Json::array();
  const Finalist& winner = tuned.finalists[tuned.winner];
  for (std::size_t i = 1; i <= space.hints.size() && i < tuned.finalists.size(); ++i) {
    const Finalist& hint = tuned.finalists[i];
    const measure::Comparison comparison = compare_waves(winner.measurement, hint.measurement, tuned.confidence);
    list.push_back({{"name", hint.arm.name},
                    {"verdict", i == tuned.winner ? "is the winner" : std::string(text(comparison.verdict))},
                    {"ratio", rounded(comparison.ratio, 1e-4)},
                    {"ratio_interval", interval_json(comparison.interval, 1e-4)}});
  }
  return list;
}

Json speed_json(const SpeedResult& result, const Space& space, const std::string& on) {
  const Tuned& tuned = result.tuned;
  Json finalists = Json::array();
  for (std::size_t i = 0; i < tuned.finalists.size(); ++i)
    finalists.push_back(finalist_json(tuned.finalists[i], result.objective, i == 0));
  const Finalist& winner = tuned.finalists[tuned.winner];
  return {{"objective", name_of(result.objective)},
          {"basis", "measured"},
          {"confidence", tuned.confidence},
          {"gain_shown", tuned.winner != 0},
          {"winner", winner.arm.name},
          {"configuration", configuration(on, winner.arm.settings)},
          {"against_hints", hints_json(tuned, space)},
          {"finalists", std::move(finalists)},
          {"trials", trials_json(tuned.trials)},
          {"untried", tuned.untried}};
}

Json compile_json(const TunedCompile& tuned, CompileObjective objective, const std::string& on) {
  Json trials = Json::array();
  for (const CompileTrial& trial : tuned.trials) {
    Json json = {{"name", trial.arm.name},
                 {"settings", settings_json(trial.arm.settings)},
                 {"refused", trial.refused.empty() ? Json(nullptr) : Json(trial.refused)}};
    if (trial.size)
      json.update({{"stages", trial.size->stages},
                   {"copies", trial.size->copies},
                   {"hardware", trial.size->hardware},
                   {"shave", trial.size->shave},
                   {"ddr_bytes", trial.size->ddr_bytes},
                   {"cmx_slices", trial.size->cmx_slices},
                   {"shaves", trial.size->shaves}});
    trials.push_back(std::move(json));
  }
  return {{"objective", name_of(objective)},
          {"basis", "exact"},
          {"gain_shown", tuned.winner != 0},
          {"winner", tuned.trials[tuned.winner].arm.name},
          {"configuration", configuration(on, tuned.trials[tuned.winner].arm.settings)},
          {"trials", std::move(trials)}};
}

}  // namespace

const Settings& winning_settings(const TuneResult& result) {
  if (result.compiled) return result.compiled->trials[result.compiled->winner].arm.settings;
  const Tuned& tuned = result.speed.front().tuned;
  return tuned.finalists[tuned.winner].arm.settings;
}

void add_tune(Json& document, const TuneRequest& request, const TuneResult& result) {
  document["on"] = request.on;
  document["properties"] = properties_json(result.space);
  Json& objectives = document["objectives"] = Json::array();
  for (const SpeedResult& one : result.speed) objectives.push_back(speed_json(one, result.space, request.on));
  if (result.compiled) objectives.push_back(compile_json(*result.compiled, request.compile, request.on));
  document["notes"] = result.notes;
  document["environment"] = measure::to_json(result.environment, result.disturbance);
  document["warnings"] = result.speed.empty()
                             ? std::vector<std::string>{}
                             : measure::warnings(result.environment, result.disturbance,
                                                 static_cast<int>(std::thread::hardware_concurrency()));
}

}  // namespace edgescope::experiment
