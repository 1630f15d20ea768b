// edgescope compile MODEL.. --target T: runs the vendor's compiler, reads what it said and made, and says what is not
// as the rules predicted. Here the Edge TPU's part, and its --plan: how to compile, before it is done.
#include "report/views/compile.h"

#include <algorithm>
#include <iterator>
#include <memory>

#include "analysis/caching_plan_json.h"
#include "analysis/compilation.h"
#include "analysis/compiler_log_json.h"
#include "cli/commands.h"
#include "cli/compile_ncs2.h"
#include "cli/interrupt.h"
#include "compiler/edgetpu_compiler.h"
#include "format/format.h"
#include "report/views/caching_plan.h"
#include "target/edgetpu/mapping.h"

namespace edgescope::cli {
namespace {

namespace edgetpu = target::edgetpu;
using base::Json;

enum class Target : std::uint8_t { EdgeTpu, Ncs2 };

struct Options {
  Target target = Target::EdgeTpu;
  compiler::EdgetpuRequest request;
  std::string program;
  double time_limit = 600;
  bool plan = false;
  CompileNcs2 ncs2;
  edgetpu::PlanRequest layout;  // `compiler` holds for predictions without the vendor's program too
};

base::Result<std::vector<graph::Model>> sources(const std::vector<std::string>& files) {
  std::vector<graph::Model> models;
  for (const std::string& file : files) {
    EDGESCOPE_TRY(model, format::read_model(file));
    if (model.format != graph::Format::TfLite)
      return base::fail({.fault = base::Fault::input,
                         .what = "the Edge TPU's compiler takes TFLite models",
                         .file = file,
                         .remedy = "Convert it to TFLite, quantised to int8."});
    for (const graph::Operator& op : model.subgraphs.front().operators)
      if (op.source_kind == format::edgetpu::kCustomCode)
        return base::fail(
            {.fault = base::Fault::input,
             .what = "it is compiled already",
             .file = file,
             .remedy = "Give the model that it was compiled from; `edgescope inspect` shows what this one holds."});
    models.push_back(std::move(model));
  }
  return models;
}

Json document_of(const Options& options) {
  Json document = report::document(
      "compile", options.request.models.size() == 1 ? Json(options.request.models[0]) : Json(options.request.models));
  document["target"] = "edgetpu";
  return document;
}

base::Result<int> run_plan(const Shared& shared, const Options& options) {
  if (!shared.after_dashes.empty())
    return base::fail({.fault = base::Fault::usage,
                       .what = "--plan does not run the compiler, so there is nothing to pass on to it",
                       .remedy = "Leave out what stands behind `--`."});
  EDGESCOPE_TRY(models, sources(options.request.models));
  std::vector<edgetpu::PlanModel> plan_models;
  for (std::size_t i = 0; i < models.size(); ++i) {
    const graph::Subgraph& graph = models[i].subgraphs.front();
    const target::Check mapping = edgetpu::map_operators(graph, options.layout.compiler);
    if (!mapping.compiles)
      return base::fail({.fault = base::Fault::input,
                         .what = "it would not compile: " + mapping.failure,
                         .file = options.request.models[i]});
    plan_models.push_back(
        edgetpu::plan_model(options.request.models[i], graph, mapping.mapped(), options.layout.compiler));
  }
  Json document = document_of(options);
  document["plan"] =
      analysis::caching_plan_json(plan_models, options.layout, edgetpu::plan(plan_models, options.layout));
  EDGESCOPE_CHECK(print(shared, document, report::caching_plan_view));
  return 0;
}

Json compiler_json(const compiler::EdgetpuResult& result) {
  Json attempts = Json::array();
  for (const auto& attempt : result.attempts)
    attempts.push_back({{"seconds", attempt.seconds}, {"ended", attempt.how}, {"failure", attempt.failure}});
  return {{"program", result.command.front()},
          {"version", result.models.empty() ? "" : result.models.front().compiler},
          {"command", result.command},
          {"attempts", std::move(attempts)}};
}

// Options of the compiler that change more than the rules know: they are for its defaults.
std::vector<std::string> unknown_effects(const std::vector<std::string>& options) {
  std::vector<std::string> sentences;
  for (const std::string& option : options) {
    const std::string name = option.substr(0, option.find('='));
    constexpr std::string_view known[] = {"-s", "--show_operations", "-n", "--num_segments", "-t", "--timeout_sec"};
    if (name.starts_with('-') && std::find(std::begin(known), std::end(known), name) == std::end(known))
      sentences.push_back("what the compiler's option " + name + " changes");
  }
  return sentences;
}

// What was made of each model, beside what was predicted.
base::Result<Json> models_json(const Options& options, const std::vector<graph::Model>& models,
                               const compiler::EdgetpuResult& result) {
  edgetpu::Compiler generation = options.layout.compiler;
  if (!result.models.empty())
    generation = analysis::compiler_of_version(result.models.front().compiler).value_or(generation);
  auto predicted =
      analysis::predict_compilation(models, generation, compiler::segments_asked_for(options.request.options));
  const std::vector<std::string> unknown = unknown_effects(options.request.options);
  Json list = Json::array();
  for (std::size_t i = 0; i < models.size(); ++i) {
    predicted[i].not_predicted.insert(predicted[i].not_predicted.end(), unknown.begin(), unknown.end());
    std::optional<analysis::ActualCompilation> actual;
    std::vector<std::string> outputs;
    if (i < result.outputs.size()) {
      outputs = result.outputs[i];
      std::vector<graph::Model> compiled;
      for (const std::string& output : outputs) {
        EDGESCOPE_TRY(model, format::read_model(output));
        compiled.push_back(std::move(model));
      }
      EDGESCOPE_TRY(read, analysis::read_compilation(models[i], compiled));
      actual = std::move(read);
    }
    list.push_back(analysis::compilation_json(options.request.models[i], outputs, predicted[i], actual));
  }
  return list;
}

// `result` is empty where there is no compiler: the prediction is still there, and `failure` says what is missing.
base::Result<Json> compilation(const Options& options, const std::vector<graph::Model>& models,
                               const compiler::EdgetpuResult& result, const std::string& failure,
                               const std::string& remedy = {}) {
  const bool ran = !result.command.empty();
  Json document = document_of(options);
  document["compiler"] = ran ? compiler_json(result) : Json();
  document["verdict"] = !ran ? Json() : result.compiled() ? Json("compiles") : Json("fails");
  document["failure"] = failure;
  document["remedy"] = remedy;
  EDGESCOPE_TRY(list, models_json(options, models, result));
  document["models"] = std::move(list);
  document["compiler_log"] = analysis::compiler_log_json(result.log);
  return document;
}

base::Result<int> run_compile(const Shared& shared, Options options) {
  options.request.options = shared.after_dashes;
  options.request.time_limit = std::chrono::milliseconds(static_cast<std::int64_t>(options.time_limit * 1000));
  EDGESCOPE_TRY(models, sources(options.request.models));
  const auto program = compiler::find_edgetpu_compiler(options.program);
  if (!program) {
    EDGESCOPE_TRY(document, compilation(options, models, {}, program.error().what, program.error().remedy));
    EDGESCOPE_CHECK(print(shared, document, report::compile_view));
    return base::fail(program.error());
  }
  options.request.program = *program;
  const Interrupt interrupt;
  base::Progress progress(shared.progress);
  options.request.interrupted = [] { return Interrupt::pending(); };
  options.request.starting = [&progress](int attempt) {
    progress.update(attempt == 1 ? "edgetpu_compiler" : "edgetpu_compiler, once more after its internal error");
  };
  EDGESCOPE_TRY(result, compiler::run_edgetpu_compiler(options.request));
  progress.clear();

  EDGESCOPE_TRY(document, compilation(options, models, result, result.failure));
  EDGESCOPE_CHECK(print(shared, document, report::compile_view));
  return result.compiled() ? 0 : 1;
}

base::Result<int> dispatch(const Shared& shared, Options options) {
  if (options.target == Target::EdgeTpu && (options.ncs2.ncs2.any() || options.ncs2.offline))
    return base::fail({.fault = base::Fault::usage,
                       .what = "--with, --on and --property are for the NCS2",
                       .remedy = "The Edge TPU's compiler takes its own options behind `--`."});
  if (options.target == Target::EdgeTpu) return options.plan ? run_plan(shared, options) : run_compile(shared, options);
  if (options.plan || options.request.models.size() != 1)
    return base::fail({.fault = base::Fault::usage,
                       .what = "for the NCS2 one model is compiled at a time, and there is nothing to plan",
                       .remedy = "Run it once for each model."});
  options.ncs2.model = options.request.models.front();
  options.ncs2.output = options.request.output;
  options.ncs2.program = options.program;
  options.ncs2.time_limit = std::chrono::milliseconds(static_cast<std::int64_t>(options.time_limit * 1000));
  return compile_for_ncs2(shared, options.ncs2);
}

}  // namespace

void add_compile(CLI::App& app, Shared& shared) {
  const auto options = std::make_shared<Options>();
  CLI::App* command = add_command(
      app, shared, "compile", "Runs the vendor's compiler and says what is not as predicted; --plan: how to compile",
      [&shared, options] { return dispatch(shared, *options); });
  compiler::EdgetpuRequest& request = options->request;
  command
      ->add_option(
          "MODEL", request.models,
          "Edge TPU: TFLite models, several are compiled together, in this order; NCS2: an ONNX or OpenVINO network. "
          "Behind `--`: the compiler's own options")
      ->required()
      ->type_name("");
  add_choice<Target>(*command, "--target", options->target, {{"edgetpu", Target::EdgeTpu}, {"ncs2", Target::Ncs2}},
                     "The device")
      ->required();
  command
      ->add_option("-o,--output", request.output,
                   "File of the result, or folder (here, as MODEL_edgetpu.tflite or MODEL.blob)")
      ->type_name("PATH");
  command
      ->add_option("--compiler-program", options->program,
                   "edgetpu_compiler (EDGESCOPE_EDGETPU_COMPILER, else in PATH), or myriad_compile "
                   "(EDGESCOPE_MYRIAD_COMPILE, else what `make oracle` brings)")
      ->type_name("PATH");
  command->add_option("--time-limit", options->time_limit, "Seconds for each run of the compiler, at most (600)")
      ->check(CLI::PositiveNumber)
      ->type_name("S");
  command
      ->add_option("--attempts", request.attempts,
                   "Runs at most, where it fails with its internal error that comes and goes (5)")
      ->check(CLI::Range(1, 100))
      ->type_name("N");
  edgetpu::PlanRequest& layout = options->layout;
  std::vector<std::pair<std::string, edgetpu::Compiler>> generations;
  for (const char* name : {"1.0", "2.0", "2.1", "14", "15", "16"})
    generations.emplace_back(name, *edgetpu::compiler_from_name(name));
  add_choice<edgetpu::Compiler>(*command, "--compiler", layout.compiler, std::move(generations),
                                "Generation of the compiler that is predicted (16; the one that ran, where it ran)");
  command->add_flag("--plan", options->plan,
                    "Run nothing; say which models to compile together, in which order, over how many sticks");
  command->add_option("--sticks", layout.sticks, "With --plan: sticks at hand (1)")
      ->check(CLI::Range(1, 16))
      ->type_name("N");
  command->add_option("--turn", layout.turn, "With --plan: inferences of a model before the next one's turn (1)")
      ->check(CLI::Range(1, 1000000))
      ->type_name("N");
  add_choice<edgetpu::Link>(
      *command, "--link", layout.link,
      {{"usb3", edgetpu::Link::Usb3}, {"usb2", edgetpu::Link::Usb2}, {"pcie", edgetpu::Link::Pcie}},
      "With --plan: what the sticks are connected by (usb3)");
  add_choice<bool>(*command, "--with", options->ncs2.offline, {{"plugin", false}, {"myriad_compile", true}},
                   "NCS2: the plugin, or the vendor's offline compiler of OpenVINO 2021.3 (plugin)");
  add_ncs2_flags(*command, options->ncs2.ncs2);
}

}  // namespace edgescope::cli
