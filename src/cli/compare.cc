// edgescope compare FOREST --on A,B,...: does a program predict what its source says?
#include "report/views/compare.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "analysis/forest_parity.h"
#include "cli/commands.h"
#include "cli/interrupt.h"
#include "cli/runtime_flags.h"
#include "format/read_forest.h"

namespace edgescope::cli {
namespace {

using analysis::ForestStrategy;
using base::Json;

struct Options {
  std::string forest, inputs, expected;
  std::vector<std::string> on, strategies = {"exact"};
  std::uint64_t seed = 1;
  runtime::Places places;
  analysis::ForestParityRequest request;
};

base::Result<forest::Rows> rows_of(const Options& options, const forest::Ensemble& ensemble) {
  if (options.inputs.empty()) return forest::test_rows(ensemble, {.seed = options.seed});
  EDGESCOPE_TRY(array, base::read_npy(options.inputs));
  if (array.shape.size() != 2 || array.columns() != static_cast<std::uint64_t>(ensemble.features) || array.rows() == 0)
    return base::fail({.what = fmt::format("holds {} rows of {} numbers, and the forest has {} features", array.rows(),
                                           array.columns(), ensemble.features),
                       .file = options.inputs});
  return forest::Rows{.columns = array.columns(), .values = std::move(array.values)};
}

// Of runtimes that were named, names that nobody knows are an error; what is missing is one run's reason.
base::Status find_runtimes(const Options& options, analysis::ForestParityRequest& request) {
  if (options.on.empty())
    for (runtime::Found& found : runtime::installed(options.places)) {
      request.names.push_back(found.name);
      request.runtimes.emplace_back(std::move(found));
    }
  for (const std::string& name : options.on) {
    auto found = runtime::find(name, options.places);
    if (!found && found.error().fault == base::Fault::usage) return base::fail(found.error());
    request.names.push_back(name);
    request.runtimes.push_back(std::move(found));
  }
  if (request.names.empty())
    return base::fail({.fault = base::Fault::missing,
                       .what = "no runtime is installed to compare with",
                       .remedy = "`make runtimes` brings LiteRT, TensorFlow Lite and OpenVINO."});
  return {};
}

ForestStrategy strategy_of(const std::string& name) {
  for (const ForestStrategy strategy : {ForestStrategy::Gemm, ForestStrategy::Tt, ForestStrategy::Ptt})
    if (analysis::forest_strategy_name(strategy) == name) return strategy;
  return ForestStrategy::Exact;
}

// 1 where a run predicts something else; where nothing ran, what the first failure says.
int exit_code(const analysis::ForestParityRequest& request, const Json& runs) {
  const auto any = [&](const char* key, bool value) {
    return std::any_of(runs.begin(), runs.end(),
                       [&](const Json& run) { return run.contains(key) && run[key] == value; });
  };
  if (any("equal", false)) return 1;
  if (any("valid", true)) return 0;
  const bool all_missing = std::none_of(request.runtimes.begin(), request.runtimes.end(),
                                        [](const auto& found) { return found.has_value(); });
  return base::exit_code(all_missing ? base::Fault::missing : base::Fault::runtime);
}

base::Result<int> run_compare(const Shared& shared, Options options) {
  if (!options.expected.empty() && options.inputs.empty())
    return base::fail({.fault = base::Fault::usage,
                       .what = "--expected holds predictions of rows that are not given",
                       .remedy = "Add --inputs ROWS.npy."});
  EDGESCOPE_TRY(read, format::read_forest(options.forest));
  const forest::Ensemble& ensemble = read.ensemble;
  analysis::ForestParityRequest& request = options.request;
  EDGESCOPE_CHECK(find_runtimes(options, request));
  EDGESCOPE_TRY(rows, rows_of(options, ensemble));
  if (rows.size() == 0)
    return base::fail({.what = "has no features, so that there are no rows to compare", .file = options.forest});
  request.rows = std::move(rows);
  if (!options.expected.empty()) {
    EDGESCOPE_TRY(expected, base::read_npy(options.expected));
    EDGESCOPE_CHECK(analysis::check_expected(ensemble, request.rows, expected, options.expected));
    request.expected = std::move(expected);
  }
  request.strategies.clear();
  for (const std::string& name : options.strategies) request.strategies.push_back(strategy_of(name));

  const Interrupt interrupt;
  base::Progress progress(shared.progress);
  request.started = [&](const std::string& what, double done) {
    progress.update(what, done);
    return !Interrupt::pending();
  };
  Json document = report::document("compare", options.forest);
  document["rows_from"] =
      options.inputs.empty()
          ? fmt::format("built for the forest's nodes, special values, random (seed {})", options.seed)
          : options.inputs;
  document.update(analysis::forest_parity(ensemble, request));
  progress.clear();
  if (Interrupt::pending())
    return base::fail({.fault = base::Fault::interrupted, .what = "stopped while comparing predictions"});
  EDGESCOPE_CHECK(print(shared, document, report::compare_view));
  return exit_code(request, document["runs"]);
}

}  // namespace

void add_compare(CLI::App& app, Shared& shared) {
  const auto options = std::make_shared<Options>();
  CLI::App* command = add_command(app, shared, "compare", "Does a forest's program predict what the forest says?",
                                  [&shared, options] { return run_compare(shared, *options); });
  command->add_option("FOREST", options->forest, "A tree ensemble: XGBoost, LightGBM, Treelite, ONNX")
      ->required()
      ->type_name("");
  add_on_flag(*command, options->on);
  command->add_option("--strategy", options->strategies, "Programs, with commas between: exact, gemm, tt, ptt (exact)")
      ->delimiter(',')
      ->check(CLI::IsMember({"exact", "gemm", "tt", "ptt"}))
      ->type_name("WORD,...");
  command
      ->add_option("--inputs", options->inputs,
                   "Your rows: a .npy of float32 or float64 [rows, features]. Else rows are built for the forest")
      ->type_name("ROWS.npy");
  command
      ->add_option("--expected", options->expected,
                   "What the training library predicts for them: a .npy of float32 or float64, class probabilities "
                   "[rows, classes] or values [rows]")
      ->type_name("PREDICTIONS.npy");
  command
      ->add_option("--tolerance", options->request.tolerance,
                   "How much results may differ, of the reference's value or of 1 (1e-6); leaves and labels may not")
      ->check(CLI::NonNegativeNumber)
      ->type_name("SHARE");
  command->add_option("--threads", options->request.threads, "Threads of each process (1)")
      ->check(CLI::Range(1, 1024))
      ->type_name("N");
  command->add_option("--seed", options->seed, "Of the rows that are built (1)")->type_name("N");
  add_property_flag(*command, options->request.properties);
  add_runtime_flags(*command, options->places);
}

}  // namespace edgescope::cli
