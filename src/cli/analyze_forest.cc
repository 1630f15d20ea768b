#include "cli/analyze_forest.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <set>

#include "analysis/forest_inspection.h"
#include "analysis/forest_parity.h"
#include "analysis/forest_survey.h"
#include "analysis/forest_verdict.h"
#include "base/atomic_file.h"
#include "base/temporary_folder.h"
#include "cli/interrupt.h"
#include "format/read_forest.h"
#include "measure/environment.h"
#include "report/html.h"
#include "report/views/analyze_forest.h"

namespace edgescope::cli {
namespace {

using base::Json;

constexpr double kSurveyShare = 0.8;  // of the progress bar

measure::Plan plan_of(const ForestAnalysis& options) {
  measure::Plan plan{.processes = options.quick ? 3u : 5u, .seed = options.seed};
  plan.time_limit = options.time_limit.value_or(options.quick ? 1 : 2);
  plan.target_width = options.quick ? 0.1 : 0.05;
  plan.sample_seconds = 0.05;  // there are many programs, and most take microseconds
  plan.warm_up_seconds = 0.1;
  return plan;
}

// Of runtimes that were named, those that are missing end it with the code for that; without names what is here.
base::Result<std::vector<runtime::Found>> runtimes_of(const ForestAnalysis& options) {
  if (options.on.empty()) return runtime::installed(options.places);
  std::vector<runtime::Found> list;
  for (const std::string& name : options.on) {
    EDGESCOPE_TRY(found, runtime::find(name, options.places));
    const std::string_view family = runtime::family(name);
    if (family != "litert" && family != "tflite" && name != "openvino:CPU")
      return base::fail(
          {.fault = base::Fault::usage,
           .what = fmt::format("{} is no runtime for the CPU that forests are measured on", name),
           .remedy = "Name litert, tflite, tflite+xnnpack or openvino:CPU; devices are predicted anyway."});
    list.push_back(std::move(found));
  }
  return list;
}

// The exact program, and those that are chosen.
std::vector<analysis::ForestStrategy> strategies_of(const Json& verdicts) {
  std::vector<analysis::ForestStrategy> list = {analysis::ForestStrategy::Exact};
  for (const auto strategy :
       {analysis::ForestStrategy::Ptt, analysis::ForestStrategy::Tt, analysis::ForestStrategy::Gemm})
    if (std::any_of(verdicts.begin(), verdicts.end(), [strategy](const Json& verdict) {
          return verdict["strategy"] == analysis::forest_strategy_name(strategy);
        }))
      list.push_back(strategy);
  return list;
}

// On every runtime that something ran on.
Json exactness(const forest::Ensemble& ensemble, const Json& document, const std::vector<runtime::Found>& runtimes,
               const ForestAnalysis& options, base::Progress& progress) {
  analysis::ForestParityRequest request{.strategies = strategies_of(document["verdicts"]), .threads = options.threads};
  for (const runtime::Found& found : runtimes) {
    const bool ran = std::any_of(document["programs"].begin(), document["programs"].end(), [&](const Json& one) {
      return one["on"] == found.name && one["basis"] == "measured";
    });
    if (!ran) continue;
    request.names.push_back(found.name);
    request.runtimes.emplace_back(found);
  }
  forest::RowPlan rows{.seed = options.seed};
  if (options.quick) rows = {.seed = options.seed, .at_nodes = 600, .random = 100};
  request.rows = forest::test_rows(ensemble, rows);
  if (request.names.empty() || request.rows.size() == 0) return nullptr;
  request.started = [&](const std::string& what, double done) {
    progress.update("predictions: " + what, kSurveyShare + (1 - kSurveyShare) * done);
    return !Interrupt::pending();
  };
  return analysis::forest_parity(ensemble, request);
}

analysis::ForestTarget target_named(const std::string& name) {
  return name == "edgetpu" ? analysis::ForestTarget::EdgeTpu
         : name == "ncs2"  ? analysis::ForestTarget::Ncs2
                           : analysis::ForestTarget::Cpu;
}

// What each verdict chose, and what the best program of each device is, so that it can be tried there.
base::Status write_files(const forest::Ensemble& ensemble, Json& document, const ForestAnalysis& options) {
  if (options.folder.empty()) return {};
  EDGESCOPE_CHECK(make_folder(options.folder));
  const auto write = [&](Json& chosen) -> base::Status {
    const bool tflite = chosen["format"] == "tflite";
    const auto target = chosen["device"].get<std::string>();
    const analysis::ForestPlan plan{.strategy = chosen["strategy"].get<std::string>(),
                                    .target = target_named(target),
                                    .format = tflite ? graph::Format::TfLite : graph::Format::OpenVinoIr,
                                    .batch = chosen["batch"].get<int>()};
    const std::string stem = std::filesystem::path(options.forest).stem().string();
    EDGESCOPE_TRY(program, analysis::build_forest(ensemble, plan));
    EDGESCOPE_TRY(files, analysis::write_forest(program.model, plan,
                                                fmt::format("{}/{}_{}_{}{}", options.folder, stem, target, plan.batch,
                                                            tflite ? ".tflite" : ".xml")));
    chosen["file"] = files.front();
    return {};
  };
  for (Json& verdict : document["verdicts"]) {
    EDGESCOPE_CHECK(write(verdict));
    for (Json& rival : verdict["rivals"]) EDGESCOPE_CHECK(write(rival));
  }
  return {};
}

base::Result<Json> survey(const forest::Ensemble& ensemble, const ForestAnalysis& options,
                          const std::vector<runtime::Found>& runtimes, base::Progress& progress) {
  EDGESCOPE_TRY(folder, base::TemporaryFolder::make());
  const analysis::ForestSurveyRequest request{.runtimes = runtimes,
                                              .places = options.places,
                                              .ask_plugin = !options.quick,
                                              .threads = options.threads,
                                              .batches = {1, options.batch},
                                              .plan = plan_of(options),
                                              .edgetpu = {},
                                              .folder = folder.path()};
  measure::Hooks hooks = measure::system_hooks();
  hooks.interrupted = [] { return Interrupt::pending(); };
  hooks.progress = [&progress](const std::string& text, double fraction) {
    progress.update(text, kSurveyShare * fraction);
  };
  return analysis::forest_survey(ensemble, request, hooks);
}

bool anything_measured(const Json& programs) {
  return std::any_of(programs.begin(), programs.end(), [](const Json& one) { return one["basis"] == "measured"; });
}

}  // namespace

base::Status make_folder(const std::string& path) {
  std::error_code failed;
  std::filesystem::create_directories(path, failed);
  if (failed) return base::fail({.fault = base::Fault::output, .what = failed.message(), .file = path});
  return {};
}

base::Result<int> analyze_forest(const Shared& shared, const ForestAnalysis& options) {
  EDGESCOPE_TRY(read, format::read_forest(options.forest));
  EDGESCOPE_TRY(runtimes, runtimes_of(options));
  const Interrupt interrupt;
  base::Progress progress(shared.progress);
  const measure::Environment before = measure::read_environment();
  const measure::CpuTime begin = measure::read_cpu_time();

  Json document = report::document("analyze", options.forest);
  document["summary"] = nullptr;  // its place: the first thing to read
  EDGESCOPE_TRY(programs, survey(read.ensemble, options, runtimes, progress));
  const auto disturbance = measure::disturbance(before, measure::read_environment(), begin, measure::read_cpu_time());
  document["verdicts"] = analysis::forest_verdicts(programs, options.forest);
  document["programs"] = std::move(programs);
  document["exactness"] = exactness(read.ensemble, document, runtimes, options, progress);
  if (Interrupt::pending())
    return base::fail({.fault = base::Fault::interrupted, .what = "stopped while comparing predictions"});
  document["forest"] = analysis::forest_json(read.ensemble, format::forest_format_name(read.content));
  document["bound"] = analysis::forest_bound(read.ensemble, document["programs"]);
  document["peers"] = analysis::forest_peers(document["forest"]);
  document["environment"] = measure::to_json(before, disturbance);
  document["warnings"] = measure::warnings(before, disturbance, options.threads);
  EDGESCOPE_CHECK(write_files(read.ensemble, document, options));
  document["summary"] = analysis::summarise_forest(document);
  progress.clear();

  if (!options.html.empty()) EDGESCOPE_CHECK(base::write_file(options.html, report::html(document)));
  EDGESCOPE_CHECK(print(shared, document, report::analyze_forest_view));
  return options.on.empty() || anything_measured(document["programs"]) ? 0 : base::exit_code(base::Fault::missing);
}

}  // namespace edgescope::cli
