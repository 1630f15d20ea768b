#include "analysis/forest_survey.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <optional>

#include "analysis/check_ncs2.h"
#include "analysis/forest_host_time.h"
#include "base/units.h"
#include "forest/fit.h"
#include "format/format.h"
#include "measure/worker_subject.h"
#include "target/edgetpu/mapping.h"

namespace edgescope::analysis {
namespace {

using base::Json;
using forest::Ensemble;
using graph::Format;

// A program whose least predicted time is so many times the best one's greatest is not measured.
constexpr double kHopeless = 2;
constexpr std::uint64_t kNcs2Memory = 512'000'000;
constexpr std::chrono::seconds kSoon{30};  // for the plugin's answer

Json pair(double low, double high) { return Json::array({low, high}); }

// One row of the survey; what is not known stays null.
Json record(const ForestPlan& plan, const Json& on) {
  return {{"target", forest_target_name(plan.target)},
          {"on", on},
          {"strategy", plan.strategy},
          {"batch", plan.batch},
          {"format", graph::format_name(plan.format)},
          {"runs", true},
          {"reason", nullptr},
          {"parameter_bytes", nullptr},
          {"fits", nullptr},
          {"interval_us", nullptr},
          {"host_us", nullptr},
          {"row_us", nullptr},
          {"basis", nullptr},
          {"rests_on", nullptr}};
}

void refuse(Json& json, const std::string& reason) {
  json["runs"] = false;
  json["reason"] = reason;
}

// What the host does is part of a run of the exact program; the others answer scores.
void add_host(Json& json, const Ensemble& ensemble, const ForestProgram& program) {
  if (program.exact) json["host_us"] = exact_host_us(ensemble, *program.exact);
}

// Microseconds of one row of the batch, the host's included.
void add_row_time(Json& json) {
  if (!json["interval_us"].is_array()) return;
  const double batch = json["batch"].get<double>(),
               host = json["host_us"].is_number() ? json["host_us"].get<double>() : 0;
  json["row_us"] = pair((json["interval_us"][0].get<double>() + host) / batch,
                        (json["interval_us"][1].get<double>() + host) / batch);
  if (json.contains("median_us")) json["row_median_us"] = (json["median_us"].get<double>() + host) / batch;
}

void add_predicted(Json& json, const target::Interval& us, const std::string& rests_on) {
  json["interval_us"] = pair(us.low, us.high);
  json["basis"] = "predicted";
  json["rests_on"] = rests_on;
}

// --- CPU ------------------------------------------------------------------------------------------------------------

Format format_for(const std::string& on) {
  return runtime::family(on) == "openvino" ? Format::OpenVinoIr : Format::TfLite;
}

class CpuSurvey {
 public:
  CpuSurvey(const Ensemble& ensemble, const ForestSurveyRequest& request, const measure::Hooks& hooks)
      : ensemble_(ensemble), request_(request), hooks_(hooks) {}

  base::Result<Json> at(int batch) {
    double best = std::numeric_limits<double>::infinity();
    std::map<Format, ForestChoice> choices;
    for (const runtime::Found& found : request_.runtimes) {
      const Format format = format_for(found.name);
      const auto [place, fresh] =
          choices.try_emplace(format, choose_strategy(ensemble_, ForestTarget::Cpu, format, batch));
      for (const ForestCandidate& one : place->second.candidates)
        if (one.us) best = std::min(best, one.us->high);
    }
    Json records = Json::array();
    std::vector<measure::Contender> contenders;
    std::vector<std::size_t> places;
    for (const runtime::Found& found : request_.runtimes)
      for (const ForestCandidate& one : choices.at(format_for(found.name)).candidates) {
        const ForestPlan plan{.strategy = one.strategy, .format = format_for(found.name), .batch = batch};
        Json& json = records.emplace_back(record(plan, found.name));
        if (auto path = prepare(json, plan, one, best)) {
          measure::Contender contender =
              measure::worker_contender(found, {.model = *path, .threads = request_.threads});
          contender.on = fmt::format("{} in {}, batch {}", one.strategy, found.name, batch);
          contenders.push_back(std::move(contender));
          places.push_back(records.size() - 1);
        }
      }
    if (contenders.empty()) return records;
    EDGESCOPE_TRY(measured, measure::sample(contenders, request_.plan, hooks_));
    for (std::size_t i = 0; i < measured.size(); ++i) add_measured(records[places[i]], measured[i]);
    for (Json& json : records) add_row_time(json);
    return records;
  }

 private:
  // The program's file, where it is worth measuring.
  std::optional<std::string> prepare(Json& json, const ForestPlan& plan, const ForestCandidate& candidate,
                                     double best) {
    if (!candidate.refusal.empty()) {
      refuse(json, candidate.refusal);
      return std::nullopt;
    }
    if (candidate.us) add_predicted(json, *candidate.us, "law of our own programs on one x86 core");
    if (candidate.us && candidate.us->low > kHopeless * best) {
      json["reason"] = fmt::format("not measured: predicted to take over {:.0f} times as long as the best",
                                   candidate.us->low / best);
      return std::nullopt;
    }
    const std::string path = fmt::format("{}/{}_{}{}", request_.folder, plan.strategy, plan.batch,
                                         plan.format == Format::TfLite ? ".tflite" : ".xml");
    auto [known, fresh] = made_.try_emplace(path);
    if (fresh) known->second = make(plan, path);
    if (!known->second.failure.empty()) {
      json["interval_us"] = json["basis"] = json["rests_on"] = nullptr;
      refuse(json, known->second.failure);
      return std::nullopt;
    }
    json["parameter_bytes"] = known->second.parameter_bytes;
    if (known->second.host_us) json["host_us"] = *known->second.host_us;
    return path;
  }

  struct Made {
    std::string failure;
    std::uint64_t parameter_bytes = 0;
    std::optional<double> host_us;
  };
  Made make(const ForestPlan& plan, const std::string& path) const {
    const auto program = build_forest(ensemble_, plan);
    if (!program) return {.failure = program.error().message()};
    if (const auto written = write_forest(program->model, plan, path); !written)
      return {.failure = written.error().message()};
    return {.parameter_bytes = program->parameter_bytes(),
            .host_us = program->exact ? std::optional(exact_host_us(ensemble_, *program->exact)) : std::nullopt};
  }

  static void add_measured(Json& json, const measure::Measurement& run) {
    json["interval_us"] = json["basis"] = json["rests_on"] = nullptr;
    json["valid"] = run.valid;
    if (run.processes.empty()) {
      refuse(json, run.error ? run.error->message() : run.reason);
      return;
    }
    if (!run.valid) json["reason"] = run.reason;
    const auto interval = run.interval();
    const double median = run.median_us();
    json["fits"] = true;
    json["median_us"] = median;
    json["interval_us"] = interval ? pair(interval->low, interval->high) : pair(median, median);
    json["basis"] = "measured";
    json["rests_on"] = fmt::format("{} processes, {} runs", run.processes.size(), run.statistics().count);
    json["processes"] = run.processes.size();
    json["samples"] = run.statistics().count;
    if (run.loaded) json["version"] = run.loaded->version;
  }

  const Ensemble& ensemble_;
  const ForestSurveyRequest& request_;
  const measure::Hooks& hooks_;
  std::map<std::string, Made> made_;
};

// --- Edge TPU -------------------------------------------------------------------------------------------------------

void exact_on_edgetpu(Json& json, const Ensemble& ensemble, const ForestPlan& plan, const EdgeTpuOptions& options) {
  const auto program = build_forest(ensemble, plan);
  if (!program) return refuse(json, program.error().message());
  json["parameter_bytes"] = program->parameter_bytes();
  const Json check = check_edgetpu(program->model, options);
  if (check["verdict"] != "compiles" || check["placement"]["cpu"] != 0) {
    const bool fails = check["verdict"] != "compiles";
    return refuse(json, fails ? check["failure"]["reason"].get<std::string>()
                              : fmt::format("{} operators stay on the CPU", check["placement"]["cpu"].dump()));
  }
  const auto memory = target::edgetpu::predict_memory(program->model.subgraphs.front(), {}, options.compiler);
  const forest::Fit fit = forest::fit_on_chip(*program->exact, memory);
  json["fits"] = fit.fits;
  json["streamed_bytes"] = memory.streamed_bytes;
  json["sticks"] = fit.sticks;
  json["rows"] = fit.rows;
  json["rows_available"] = fit.rows_available;
  if (!fit.fits)
    json["reason"] =
        fmt::format("runs, and sends {} of its parameters every time: one stick keeps the first {} trees{}",
                    base::bytes_text(memory.streamed_bytes), fit.trees,
                    fit.sticks > 0 ? fmt::format(", {} sticks keep all", fit.sticks) : "");
  if (check["prediction"].is_object()) {
    const Json& us = check["prediction"]["interval_us"];
    add_predicted(json, {us[0].get<double>(), us[1].get<double>()},
                  fmt::format("link law over {}", check["prediction"]["link"].get<std::string>()));
  }
  add_host(json, ensemble, *program);
  add_row_time(json);
}

Json on_edgetpu(const Ensemble& ensemble, int batch, const EdgeTpuOptions& options) {
  Json records = Json::array();
  for (const ForestCandidate& one :
       choose_strategy(ensemble, ForestTarget::EdgeTpu, Format::TfLite, batch).candidates) {
    const ForestPlan plan{
        .strategy = one.strategy, .target = ForestTarget::EdgeTpu, .format = Format::TfLite, .batch = batch};
    Json& json = records.emplace_back(record(plan, nullptr));
    if (!one.refusal.empty())
      refuse(json, one.refusal);
    else
      exact_on_edgetpu(json, ensemble, plan, options);
  }
  return records;
}

// --- NCS2 -----------------------------------------------------------------------------------------------------------

// The compiler's answer where it is asked and gives one, the rules' else.
Json asked(const graph::Model& model, measure::Oracle* plugin) {
  if (plugin != nullptr)
    if (auto answer = check_ncs2_by_oracle(model, *plugin, {})) return std::move(*answer);
  return check_ncs2(model);
}

void program_on_ncs2(Json& json, const Ensemble& ensemble, const ForestPlan& plan, const ForestCandidate& candidate,
                     const std::string& path, measure::Oracle* plugin) {
  const auto program = build_forest(ensemble, plan);
  if (!program) return refuse(json, program.error().message());
  if (const auto written = write_forest(program->model, plan, path); !written)
    return refuse(json, written.error().message());
  const auto model = format::read_model(path);
  if (!model) return refuse(json, model.error().message());
  const std::uint64_t bytes = program->parameter_bytes();
  json["parameter_bytes"] = bytes;
  json["fits"] = bytes <= kNcs2Memory;
  const Json check = asked(*model, plugin);
  if (check["verdict"] != "compiles") return refuse(json, check["failure"]["reason"].get<std::string>());
  if (check.contains("myriad")) json["stages"] = check["myriad"]["stages"].size();
  if (check.contains("prediction") && check["prediction"].is_object()) {
    const Json& us = check["prediction"]["interval_us"];
    add_predicted(json, {us[0].get<double>(), us[1].get<double>()},
                  fmt::format("stage law on the {} stages of the vendor's plugin", json["stages"].dump()));
  } else if (candidate.us) {
    add_predicted(json, *candidate.us, "stage law on the stages that our programs had in the vendor's plugin");
  }
  add_host(json, ensemble, *program);
  add_row_time(json);
}

base::Result<Json> on_ncs2(const Ensemble& ensemble, int batch, const ForestSurveyRequest& request,
                           measure::Oracle* plugin, const measure::Hooks& hooks) {
  Json records = Json::array();
  for (const ForestCandidate& one :
       choose_strategy(ensemble, ForestTarget::Ncs2, Format::OpenVinoIr, batch).candidates) {
    if (hooks.interrupted())
      return base::fail({.fault = base::Fault::interrupted, .what = "stopped while asking about the NCS2"});
    hooks.progress(fmt::format("{} for the NCS2, batch {}", one.strategy, batch), 0.9);
    const ForestPlan plan{
        .strategy = one.strategy, .target = ForestTarget::Ncs2, .format = Format::OpenVinoIr, .batch = batch};
    Json& json = records.emplace_back(record(plan, nullptr));
    if (!one.refusal.empty())
      refuse(json, one.refusal);
    else
      program_on_ncs2(json, ensemble, plan, one, fmt::format("{}/ncs2_{}_{}.xml", request.folder, one.strategy, batch),
                      plugin);
  }
  return records;
}

}  // namespace

base::Result<Json> forest_survey(const Ensemble& ensemble, const ForestSurveyRequest& request,
                                 const measure::Hooks& hooks) {
  Json programs = Json::array();
  const auto add = [&programs](Json records) {
    for (Json& json : records) programs.push_back(std::move(json));
  };
  CpuSurvey cpu(ensemble, request, hooks);
  for (const int batch : request.batches) {
    EDGESCOPE_TRY(records, cpu.at(batch));
    add(std::move(records));
  }
  for (const int batch : request.batches) add(on_edgetpu(ensemble, batch, request.edgetpu));
  std::optional<measure::Oracle> plugin;
  if (request.ask_plugin)
    if (auto found = runtime::find("ncs2:virtual", request.places))
      plugin.emplace(measure::WorkerSpec{.runtime = std::move(*found), .time_limit = kSoon});
  for (const int batch : request.batches) {
    EDGESCOPE_TRY(records, on_ncs2(ensemble, batch, request, plugin ? &*plugin : nullptr, hooks));
    add(std::move(records));
  }
  return programs;
}

}  // namespace edgescope::analysis
