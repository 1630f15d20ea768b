// edgescope analyze MODEL: the main job. What is inside, how fast on every CPU runtime that is here, do
// they predict the same, and what is lost for what reason: one document, one report.
#include "report/views/analyze.h"

#include <algorithm>
#include <chrono>
#include <map>
#include <optional>

#include "analysis/check_edgetpu.h"
#include "analysis/check_ncs2.h"
#include "analysis/edgetpu_findings.h"
#include "analysis/findings.h"
#include "analysis/inspection_json.h"
#include "analysis/parity.h"
#include "analysis/summary.h"
#include "base/atomic_file.h"
#include "base/mapped_file.h"
#include "base/temporary_folder.h"
#include "cli/analyze_forest.h"
#include "cli/commands.h"
#include "cli/interrupt.h"
#include "cli/runtime_flags.h"
#include "format/forest/onnx.h"
#include "format/format.h"
#include "format/read_forest.h"
#include "measure/bench.h"
#include "report/html.h"
#include "rewrite/ready.h"

namespace edgescope::cli {
namespace {

using base::Json;

constexpr double kBenchShare = 0.9;   // of the progress bar
constexpr double kParitySeconds = 3;  // of inferences, over all runtimes
constexpr std::uint64_t kMostRows = 16;

struct Options {
  measure::BenchRequest request;
  std::optional<double> time_limit;
  std::string html;
  std::string fixed;  // folder for the files that devices should get
  int batch = 1000;   // of forests: the larger one
  bool quick = false;
};

// Quick: rough figures, whose intervals say how rough they are.
measure::Plan plan_of(const Options& options) {
  measure::Plan plan = options.request.plan;
  plan.time_limit = options.time_limit.value_or(options.quick ? 3 : 10);
  if (options.quick) {
    plan.processes = 3;
    plan.sample_seconds = 0.2;
    plan.warm_up_seconds = 0.5;
    plan.target_width = 0.1;
  }
  return plan;
}

// Without --on a machine without runtimes still shows what the file says.
bool nothing_to_measure(const measure::BenchRequest& request) {
  if (!request.on.empty()) return false;
  const auto installed = runtime::installed(request.places);
  return std::none_of(installed.begin(), installed.end(),
                      [&](const runtime::Found& found) { return runtime::accepts(found.name, request.format); });
}

// Where the time goes by kind of operator, the most first.
Json kinds_of(const Json& operators) {
  std::map<std::string, std::pair<std::size_t, double>> sums;
  for (const Json& op : operators) {
    auto& [count, us] = sums[op["kind"].get<std::string>()];
    ++count;
    us += op["us"].get<double>();
  }
  std::vector<Json> kinds;
  for (const auto& [kind, sum] : sums) kinds.push_back({{"kind", kind}, {"operators", sum.first}, {"us", sum.second}});
  std::stable_sort(kinds.begin(), kinds.end(),
                   [](const Json& a, const Json& b) { return a["us"].get<double>() > b["us"].get<double>(); });
  return kinds;
}

Json predictions(const Options& options, const measure::Bench& bench, base::Progress& progress) {
  analysis::ParityRequest request{.model = options.request.model,
                                  .runtimes = {},
                                  .threads = options.request.threads,
                                  .seed = options.request.plan.seed};
  double seconds = 0;  // of one input on all
  for (const measure::Measurement& run : bench.runs) {
    auto found = runtime::find(run.on, options.request.places);
    if (run.processes.empty() || !found || run.on == "null") continue;
    seconds += run.median_us() / 1e6;
    request.runtimes.push_back(std::move(*found));
  }
  if (request.runtimes.empty()) return nullptr;
  const double rows = std::min(kParitySeconds / std::max(seconds, 1e-6), static_cast<double>(kMostRows));
  request.rows = std::max<std::uint64_t>(static_cast<std::uint64_t>(options.quick ? rows / 4 : rows), 2);
  double done = 0;
  request.started = [&](const std::string& on) {
    progress.update("predictions of " + on,
                    kBenchShare + (1 - kBenchShare) * done / static_cast<double>(request.runtimes.size()));
    ++done;
    return !Interrupt::pending();
  };
  return analysis::parity(request);
}

void add_nothing_measured(Json& document) {
  document["runs"] = Json::array();
  document["comparison"] = document["parity"] = nullptr;
  document["environment"] = measure::to_json(measure::read_environment(), {});
  document["warnings"] = Json::array();
}

// Whether any runtime ran the model.
base::Result<bool> add_measured(Json& document, const Shared& shared, const Options& options) {
  const Interrupt interrupt;
  base::Progress progress(shared.progress);
  measure::Hooks hooks = measure::system_hooks();
  hooks.interrupted = [] { return Interrupt::pending(); };
  hooks.progress = [&progress](const std::string& text, double fraction) {
    progress.update(text, kBenchShare * fraction);
  };
  EDGESCOPE_TRY(bench, measure::bench(options.request, hooks));
  measure::add_bench(document, bench, false);
  for (Json& run : document["runs"])
    if (run.contains("operators")) run["operator_kinds"] = kinds_of(run["operators"]);
  document["parity"] = predictions(options, bench, progress);
  if (Interrupt::pending())
    return base::fail({.fault = base::Fault::interrupted, .what = "stopped while comparing predictions"});
  return measure::anything_ran(bench);
}

// By the vendor's compiler where it is here and answers soon, by the rules else.
Json check_for_ncs2(const graph::Model& model, const Options& options) {
  constexpr std::chrono::seconds kSoon{30};
  auto vendor = runtime::find("ncs2:virtual", options.request.places);
  if (vendor && !options.quick) {
    measure::Oracle oracle({.runtime = std::move(*vendor), .time_limit = kSoon});
    if (auto asked = analysis::check_ncs2_by_oracle(model, oracle, {})) return std::move(*asked);
  }
  return analysis::check_ncs2(model);
}

// What devices will make of it, where there is something to say: the Edge TPU of quantised TFLite models, the NCS2 of
// what its plugin reads.
Json checks(const graph::Model& model, const Options& options) {
  Json list = Json::array();
  if (analysis::meant_for_edgetpu(model)) list.push_back(analysis::check_edgetpu(model, {}));
  if (runtime::accepts("ncs2:virtual", model.format)) list.push_back(check_for_ncs2(model, options));
  return list;
}

// Whether the file holds a tree ensemble, by its content.
bool holds_forest(const std::string& path) {
  const auto file = base::MappedFile::open(path);
  return file && format::only_forests(format::recognise(file->bytes()));
}

// For each device what the model needs to run there whole: done and proven, or the route. A compiled model is what it
// is.
base::Result<Json> fixes(const graph::Model& model, const Options& options, base::Progress& progress) {
  EDGESCOPE_TRY(temporary, base::TemporaryFolder::make());
  if (!options.fixed.empty()) EDGESCOPE_CHECK(make_folder(options.fixed));
  Json list = Json::array();
  for (const char* target : {"edgetpu", "ncs2", "cpu"}) {
    EDGESCOPE_TRY(one, rewrite::ready(model, options.request.model,
                                      {.target = target,
                                       .folder = options.fixed.empty() ? temporary.path() : options.fixed,
                                       .keep = !options.fixed.empty(),
                                       .rewrite = !options.quick,
                                       .proof = {.places = options.request.places, .seed = options.request.plan.seed},
                                       .plan = plan_of(options),
                                       .going_on = [&progress, target](const std::string& doing) {
                                         progress.update(std::string("for the ") + target + ": " + doing, 1);
                                         return !Interrupt::pending();
                                       }}));
    if (one.is_object()) list.push_back(std::move(one));
  }
  return list;
}

base::Result<int> analyze_trees(const Shared& shared, const Options& options) {
  return analyze_forest(shared, {.forest = options.request.model,
                                 .html = options.html,
                                 .folder = options.fixed,
                                 .on = options.request.on,
                                 .batch = options.batch,
                                 .threads = options.request.threads,
                                 .seed = options.request.plan.seed,
                                 .time_limit = options.time_limit,
                                 .quick = options.quick,
                                 .places = options.request.places});
}

base::Result<int> analyze(const Shared& shared, Options options) {
  if (holds_forest(options.request.model)) return analyze_trees(shared, options);
  EDGESCOPE_TRY(model, format::read_model(options.request.model));
  if (forest::has_trees(model)) return analyze_trees(shared, options);
  options.request.format = model.format;
  options.request.profile = true;
  options.request.plan = plan_of(options);
  const analysis::Inspection inspection = analysis::inspect(model);
  EDGESCOPE_TRY(edgetpu, analysis::edgetpu_operators(model));
  // No CPU runtime has the operator of a compiled model; one that was named may say so itself.
  const bool not_for_cpus = !edgetpu.empty() && options.request.on.empty();

  Json document = report::document("analyze", options.request.model);
  document["summary"] = nullptr;  // its place: the first thing to read
  document["findings"] = nullptr;
  bool ran = false;
  if (not_for_cpus || nothing_to_measure(options.request)) {
    add_nothing_measured(document);
  } else {
    EDGESCOPE_TRY(any, add_measured(document, shared, options));
    ran = any;
  }
  document["model"] = analysis::inspection_json(model, inspection);
  document["check"] = checks(model, options);
  document["fixes"] = Json::array();
  if (edgetpu.empty() && !model.subgraphs.empty() && !model.subgraphs.front().operators.empty()) {
    const Interrupt interrupt;
    base::Progress progress(shared.progress);
    EDGESCOPE_TRY(done, fixes(model, options, progress));
    document["fixes"] = std::move(done);
  }
  if (!edgetpu.empty()) document["edgetpu"] = analysis::edgetpu_json(model, edgetpu);
  auto findings = analysis::edgetpu_findings(model, edgetpu);
  if (edgetpu.empty() && model.format == graph::Format::TfLite && analysis::named_as_compiled(options.request.model))
    findings.push_back(analysis::not_compiled(options.request.model));
  for (analysis::Finding& finding : analysis::findings_in(model, inspection)) findings.push_back(std::move(finding));
  for (analysis::Finding& finding : analysis::parity_findings(document["parity"]))
    findings.push_back(std::move(finding));
  document["findings"] = analysis::findings_json(findings);
  document["summary"] = analysis::summarise(document);

  if (!options.html.empty()) EDGESCOPE_CHECK(base::write_file(options.html, report::html(document)));
  EDGESCOPE_CHECK(print(shared, document, report::analyze_view()));
  return ran || options.request.on.empty() ? 0 : base::exit_code(base::Fault::missing);
}

}  // namespace

void add_analyze(CLI::App& app, Shared& shared) {
  const auto options = std::make_shared<Options>();
  CLI::App* command = add_command(app, shared, "analyze",
                                  "The main job: what is inside, how fast on each runtime, do they agree, what is lost",
                                  [&shared, options] { return analyze(shared, *options); });
  measure::BenchRequest& request = options->request;
  command
      ->add_option("MODEL", request.model,
                   "A network (TFLite, ONNX, OpenVINO IR) or a tree ensemble (XGBoost, LightGBM, Treelite, ONNX)")
      ->required()
      ->type_name("");
  command->add_option("--html", options->html, "Write the report as one HTML file that needs nothing else")
      ->type_name("FILE");
  command->add_option("--fixed", options->fixed, "Write the files that each device should get into this folder")
      ->type_name("FOLDER");
  add_on_flag(*command, request.on);
  command->add_option("--threads", request.threads, "Threads of each process (1)")
      ->check(CLI::Range(1, 1024))
      ->type_name("N");
  command
      ->add_option("--time-limit", options->time_limit,
                   "Seconds of measuring for each runtime, at most (10; with --quick 3), or for each program of a "
                   "forest in each runtime (2; with --quick 1)")
      ->check(CLI::PositiveNumber)
      ->type_name("S");
  command->add_option("--seed", request.plan.seed, "Of the inputs and of the order of the runs (1)")->type_name("N");
  command->add_option("--batch", options->batch, "Of forests: rows of a run, beside runs of one row (1000)")
      ->check(CLI::Range(2, 100000))
      ->type_name("N");
  command->add_flag("--quick", options->quick, "Rough figures in a few seconds");
  add_runtime_flags(*command, request.places);
}

}  // namespace edgescope::cli
