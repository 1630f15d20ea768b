// edgescope compare MODEL [OTHER] --on A,B,...: do runtimes predict the same, does a model predict what the one that it
// was made from does, and does a forest's program predict what the forest says?
#include "report/views/compare.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <memory>

#include "analysis/forest_parity.h"
#include "analysis/network_parity.h"
#include "cli/commands.h"
#include "cli/interrupt.h"
#include "cli/runtime_flags.h"
#include "format/format.h"
#include "format/read_forest.h"

namespace edgescope::cli {
namespace {

using analysis::ForestStrategy;
using base::Json;

struct Options {
  std::string model, other, expected, tolerance, source, target;
  std::vector<std::string> inputs, on, strategies;
  std::uint64_t seed = 1, rows = 0;
  bool layers = false;
  analysis::ImageOptions images;
  int threads = 1;
  std::map<std::string, std::string> properties;
  runtime::Places places;
};

struct Runtimes {
  std::vector<std::string> names;
  std::vector<base::Result<runtime::Found>> found;  // of each name
};

std::optional<double> number(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || !(value >= 0)) return std::nullopt;
  return value;
}

// "0.001" of the largest value, or "2steps".
std::optional<analysis::Tolerance> tolerance_of(std::string_view text) {
  constexpr std::string_view kSteps = "steps";
  const bool steps = text.ends_with(kSteps);
  if (steps) text.remove_suffix(kSteps.size());
  const auto value = number(text);
  if (!value) return std::nullopt;
  return steps ? analysis::Tolerance{.steps = *value, .share = analysis::kOtherRuntime.share}
               : analysis::Tolerance{.steps = 0, .share = *value};
}

base::Result<forest::Rows> rows_of(const Options& options, const forest::Ensemble& ensemble) {
  if (options.inputs.empty()) return forest::test_rows(ensemble, {.seed = options.seed});
  const std::string& path = options.inputs.front();
  EDGESCOPE_TRY(array, base::read_npy(path));
  if (array.shape.size() != 2 || array.columns() != static_cast<std::uint64_t>(ensemble.features) || array.rows() == 0)
    return base::fail({.what = fmt::format("holds {} rows of {} numbers, and the forest has {} features", array.rows(),
                                           array.columns(), ensemble.features),
                       .file = path});
  return forest::Rows{.columns = array.columns(), .values = std::move(array.values)};
}

// Of runtimes that were named, names that nobody knows are an error; what is missing is one run's reason.
base::Result<Runtimes> find_runtimes(const Options& options) {
  Runtimes runtimes;
  if (options.on.empty())
    for (runtime::Found& found : runtime::installed(options.places)) {
      runtimes.names.push_back(found.name);
      runtimes.found.emplace_back(std::move(found));
    }
  for (const std::string& name : options.on) {
    auto found = runtime::find(name, options.places);
    if (!found && found.error().fault == base::Fault::usage) return base::fail(found.error());
    runtimes.names.push_back(name);
    runtimes.found.push_back(std::move(found));
  }
  if (runtimes.names.empty())
    return base::fail({.fault = base::Fault::missing,
                       .what = "no runtime is installed to compare with",
                       .remedy = "`make runtimes` brings LiteRT, TensorFlow Lite and OpenVINO."});
  return runtimes;
}

ForestStrategy strategy_of(const std::string& name) {
  for (const ForestStrategy strategy : {ForestStrategy::Gemm, ForestStrategy::Tt, ForestStrategy::Ptt})
    if (analysis::forest_strategy_name(strategy) == name) return strategy;
  return ForestStrategy::Exact;
}

// 1 where a run predicts something else, 0 where those that ran do not.
std::optional<int> exit_code(const Json& runs) {
  const auto any = [&](const char* key, bool value) {
    return std::any_of(runs.begin(), runs.end(),
                       [&](const Json& run) { return run.contains(key) && run[key] == value; });
  };
  if (any("equal", false)) return 1;
  if (any("valid", true)) return 0;
  return std::nullopt;
}

bool is_forest(const graph::Model& model) {
  using graph::Kind;
  const auto& operators = model.subgraphs.front().operators;
  return std::any_of(operators.begin(), operators.end(), [](const graph::Operator& op) {
    return op.kind == Kind::TreeEnsemble || op.kind == Kind::TreeEnsembleClassifier ||
           op.kind == Kind::TreeEnsembleRegressor;
  });
}

base::Status interrupted() {
  if (!Interrupt::pending()) return {};
  return base::fail({.fault = base::Fault::interrupted, .what = "stopped while comparing predictions"});
}

// Of the runtimes that nobody named, those that read models of this format.
void keep_readers(Runtimes& runtimes, graph::Format format) {
  Runtimes kept;
  for (std::size_t i = 0; i < runtimes.names.size(); ++i) {
    if (!runtime::accepts(runtimes.names[i], format)) continue;
    kept.names.push_back(runtimes.names[i]);
    kept.found.push_back(std::move(runtimes.found[i]));
  }
  runtimes = std::move(kept);
}

base::Result<int> compare_forest(const Shared& shared, const Options& options) {
  if (!options.expected.empty() && options.inputs.empty())
    return base::fail({.fault = base::Fault::usage,
                       .what = "--expected holds predictions of rows that are not given",
                       .remedy = "Add --inputs ROWS.npy."});
  if (!options.other.empty() || options.layers || options.rows > 0 || options.inputs.size() > 1 ||
      options.images.given())
    return base::fail(
        {.fault = base::Fault::usage,
         .what = "a second model, --layers, --rows, pictures and several inputs are for networks, and this is a "
                 "tree ensemble"});
  analysis::ForestParityRequest request;
  if (!options.tolerance.empty()) {
    const auto tolerance = number(options.tolerance);
    if (!tolerance) return base::fail({.fault = base::Fault::usage, .what = "a forest's tolerance is a number"});
    request.tolerance = *tolerance;
  }
  EDGESCOPE_TRY(read, format::read_forest(options.model));
  const forest::Ensemble& ensemble = read.ensemble;
  EDGESCOPE_TRY(runtimes, find_runtimes(options));
  if (options.on.empty() && !options.target.empty() && options.target != "cpu")
    keep_readers(runtimes, options.target == "ncs2" ? graph::Format::OpenVinoIr : graph::Format::TfLite);
  request.names = std::move(runtimes.names);
  request.runtimes = std::move(runtimes.found);
  request.threads = options.threads;
  request.properties = options.properties;
  EDGESCOPE_TRY(rows, rows_of(options, ensemble));
  if (rows.size() == 0)
    return base::fail({.what = "has no features, so that there are no rows to compare", .file = options.model});
  request.rows = std::move(rows);
  if (!options.expected.empty()) {
    EDGESCOPE_TRY(expected, base::read_npy(options.expected));
    EDGESCOPE_CHECK(analysis::check_expected(ensemble, request.rows, expected, options.expected));
    request.expected = std::move(expected);
  }
  if (!options.strategies.empty()) request.strategies.clear();
  for (const std::string& name : options.strategies) request.strategies.push_back(strategy_of(name));
  if (options.target == "edgetpu") request.target = analysis::ForestTarget::EdgeTpu;
  if (options.target == "ncs2") request.target = analysis::ForestTarget::Ncs2;

  const Interrupt interrupt;
  base::Progress progress(shared.progress);
  request.started = [&](const std::string& what, double done) {
    progress.update(what, done);
    return !Interrupt::pending();
  };
  Json document = report::document("compare", options.model);
  document["rows_from"] =
      options.inputs.empty()
          ? fmt::format("built for the forest's nodes, special values, random (seed {})", options.seed)
          : options.inputs.front();
  document["target"] = analysis::forest_target_name(request.target);
  document.update(analysis::forest_parity(ensemble, request));
  progress.clear();
  EDGESCOPE_CHECK(interrupted());
  EDGESCOPE_CHECK(print(shared, document, report::compare_view));
  if (const auto code = exit_code(document["runs"])) return *code;
  const bool all_missing = std::none_of(request.runtimes.begin(), request.runtimes.end(),
                                        [](const auto& found) { return found.has_value(); });
  return base::exit_code(all_missing ? base::Fault::missing : base::Fault::runtime);
}

base::Result<int> compare_networks(const Shared& shared, const Options& options, const graph::Model& model) {
  if (!options.expected.empty() || !options.strategies.empty() || !options.target.empty())
    return base::fail({.fault = base::Fault::usage,
                       .what = "--strategy, --target and --expected are for tree ensembles, and this is a network"});
  std::optional<graph::Model> other;
  if (!options.other.empty()) {
    EDGESCOPE_TRY(read, format::read_model(options.other));
    other = std::move(read);
  }
  analysis::NetworkParityRequest request{.file = options.model, .model = model};
  request.other_file = options.other;
  request.other = other ? &*other : nullptr;
  if (!options.tolerance.empty()) {
    request.tolerance = tolerance_of(options.tolerance);
    if (!request.tolerance)
      return base::fail({.fault = base::Fault::usage,
                         .what = "`" + options.tolerance + "` is no tolerance",
                         .remedy = "Give a share of the largest value such as 0.001 (0: the same bits), or 2steps."});
  }
  if (options.inputs.empty() && options.images.given())
    return base::fail(
        {.fault = base::Fault::usage, .what = "--mean, --scale and --bgr are for pictures, and none is given"});
  for (const std::string& each : options.inputs) {
    const std::size_t equals = each.find('=');
    if (equals == each.npos)
      request.inputs.push_back({{}, each});
    else
      request.inputs.push_back({each.substr(0, equals), each.substr(equals + 1)});
  }
  EDGESCOPE_TRY(runtimes, find_runtimes(options));
  if (options.on.empty()) keep_readers(runtimes, other ? other->format : model.format);
  if (!other && runtimes.names.size() < 2)
    return base::fail({.fault = options.on.empty() ? base::Fault::missing : base::Fault::usage,
                       .what = "one model on one runtime is nothing to compare",
                       .remedy = "Name two runtimes (--on A,B), or a second model."});
  request.names = std::move(runtimes.names);
  request.runtimes = std::move(runtimes.found);
  request.layers = options.layers;
  request.images = options.images;
  request.source = options.source;
  if (options.rows > 0) request.rows = options.rows;
  request.seed = options.seed;
  request.threads = options.threads;
  request.properties = options.properties;

  const Interrupt interrupt;
  base::Progress progress(shared.progress);
  request.started = [&](const std::string& what, double done) {
    progress.update(what, done);
    return !Interrupt::pending();
  };
  Json document = report::document("compare", options.model);
  document["other"] = options.other.empty() ? Json() : Json(options.other);
  EDGESCOPE_TRY(compared, analysis::network_parity(request));
  document.update(compared);
  progress.clear();
  EDGESCOPE_CHECK(interrupted());
  EDGESCOPE_CHECK(print(shared, document, report::compare_view));
  return exit_code(document["runs"]).value_or(base::exit_code(base::Fault::missing));
}

base::Result<int> run_compare(const Shared& shared, const Options& options) {
  EDGESCOPE_TRY(file, base::MappedFile::open(options.model));
  if (format::only_forests(format::recognise(file.bytes()))) return compare_forest(shared, options);
  EDGESCOPE_TRY(model, format::read_model(options.model));
  return is_forest(model) ? compare_forest(shared, options) : compare_networks(shared, options, model);
}

}  // namespace

void add_compare(CLI::App& app, Shared& shared) {
  const auto options = std::make_shared<Options>();
  CLI::App* command =
      add_command(app, shared, "compare", "Do runtimes, models and a forest's programs predict the same?",
                  [&shared, options] { return run_compare(shared, *options); });
  command
      ->add_option("MODEL", options->model,
                   "A network (TensorFlow Lite, ONNX, IR), or a tree ensemble (XGBoost, LightGBM, Treelite, ONNX)")
      ->required()
      ->type_name("");
  command->add_option("OTHER", options->other, "What was made from the network: rewritten, quantised, converted")
      ->type_name("");
  add_on_flag(*command, options->on);
  command
      ->add_option(
          "--inputs", options->inputs,
          "Your inputs: .npy of float32, float64 or uint8; networks: .npz, pictures (PNG, JPEG, BMP) and raw bytes "
          "too, and a network of several inputs takes "
          "NAME=FILE,.... Else they are drawn, or built for the forest")
      ->delimiter(',')
      ->type_name("FILE,...");
  command
      ->add_option("--mean", options->images.mean, "Pictures: (byte - mean) / scale, one figure or one a channel (0)")
      ->delimiter(',')
      ->type_name("X,...");
  command
      ->add_option("--scale", options->images.scale,
                   "Pictures: the same (floats 255, or 1 where --mean is given; inputs of 8 bits take the bytes)")
      ->delimiter(',')
      ->check(CLI::PositiveNumber)
      ->type_name("X,...");
  command->add_flag("--bgr", options->images.bgr, "Pictures: blue first");
  command
      ->add_option(
          "--tolerance", options->tolerance,
          "How much may differ. Networks: a share of the output's largest value, or 2steps of its quantisation "
          "(the same bits on one runtime; 1 step, 0.0001 between runtimes). Forests: of the result's value, or "
          "of 1 (1e-6)")
      ->type_name("SHARE");
  command->add_flag("--layers", options->layers, "Networks: look for the first operator at which they part");
  command->add_option("--rows", options->rows, "Networks: inputs that are drawn (16)")
      ->check(CLI::Range(1, 1'000'000))
      ->type_name("N");
  command
      ->add_option("--strategy", options->strategies,
                   "Forests: programs, with commas between: exact, gemm, tt, ptt (exact)")
      ->delimiter(',')
      ->check(CLI::IsMember({"exact", "gemm", "tt", "ptt"}))
      ->type_name("WORD,...");
  command
      ->add_option("--target", options->target,
                   "Forests: whose programs the runtimes run: cpu, or those of a device: edgetpu, ncs2 (cpu)")
      ->check(CLI::IsMember({"cpu", "edgetpu", "ncs2"}))
      ->type_name("TARGET");
  command
      ->add_option("--expected", options->expected,
                   "Forests: what the training library predicts for the inputs: a .npy of float32 or float64, class "
                   "probabilities [rows, classes] or values [rows]")
      ->type_name("PREDICTIONS.npy");
  command
      ->add_option(
          "--source", options->source,
          "Simulated Edge TPU (edgetpu:virtual): the model that the compiled one was made from (MODEL, of two)")
      ->type_name("MODEL");
  command->add_option("--threads", options->threads, "Threads of each process (1)")
      ->check(CLI::Range(1, 1024))
      ->type_name("N");
  command->add_option("--seed", options->seed, "Of what is drawn (1)")->type_name("N");
  add_property_flag(*command, options->properties);
  add_runtime_flags(*command, options->places);
}

}  // namespace edgescope::cli
