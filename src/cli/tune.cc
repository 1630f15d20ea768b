// edgescope tune MODEL --on R: which of a runtime's settings make the model faster, whether that was shown, and the
// configuration that does it, in the runtime's own format.
#include "report/views/tune.h"

#include <cstdio>

#include "base/atomic_file.h"
#include "cli/commands.h"
#include "cli/interrupt.h"
#include "cli/runtime_flags.h"
#include "experiment/tune_json.h"
#include "format/format.h"

namespace edgescope::cli {
namespace {

struct Options {
  experiment::TuneRequest request;
  std::string objective, output;
};

base::Status set_objective(Options& options) {
  using experiment::CompileObjective;
  using experiment::SpeedObjective;
  const bool simulated = runtime::is_virtual(options.request.on);
  if (options.objective == "latency" || options.objective == "throughput") {
    options.request.speed = {options.objective == "latency" ? SpeedObjective::Latency : SpeedObjective::Throughput};
    return {};
  }
  if (!options.objective.empty() && !simulated)
    return base::fail({.fault = base::Fault::usage,
                       .what = options.objective + " is an objective for simulated sticks",
                       .remedy = "Of a runtime that is measured they are latency and throughput."});
  options.request.compile = options.objective == "copies" ? CompileObjective::Copies
                            : options.objective == "ddr"  ? CompileObjective::Ddr
                                                          : CompileObjective::Stages;
  return {};
}

base::Result<int> run_tune(const Shared& shared, Options options) {
  experiment::TuneRequest& request = options.request;
  EDGESCOPE_CHECK(set_objective(options));
  if (!options.output.empty() && request.speed.empty() && !runtime::is_virtual(request.on))
    return base::fail({.fault = base::Fault::usage,
                       .what = "-o writes the settings of one objective",
                       .remedy = "Say which: `--objective latency` or `--objective throughput`."});
  EDGESCOPE_TRY(model, format::read_model(request.model));
  request.format = model.format;
  const Interrupt interrupt;
  base::Progress progress(shared.progress);
  measure::Hooks hooks = measure::system_hooks();
  hooks.interrupted = [] { return Interrupt::pending(); };
  hooks.progress = [&progress](const std::string& text, double fraction) { progress.update(text, fraction); };
  EDGESCOPE_TRY(result, experiment::tune(request, hooks));
  progress.clear();

  base::Json document = report::document("tune", request.model);
  experiment::add_tune(document, request, result);
  if (!options.output.empty()) {
    const base::Json configuration = experiment::configuration(request.on, experiment::winning_settings(result));
    EDGESCOPE_CHECK(base::write_file(options.output, base::dump(configuration, 2) + "\n"));
  }
  EDGESCOPE_CHECK(print(shared, document, report::tune_view));
  return 0;
}

}  // namespace

void add_tune(CLI::App& app, Shared& shared) {
  const auto options = std::make_shared<Options>();
  CLI::App* command = add_command(app, shared, "tune", "Which of a runtime's settings make the model faster, if any",
                                  [&shared, options] { return run_tune(shared, *options); });
  experiment::TuneRequest& request = options->request;
  command->add_option("MODEL", request.model, "A model: TFLite, ONNX, OpenVINO IR")->required()->type_name("");
  command
      ->add_option("--on", request.on,
                   "The runtime: openvino:CPU, ie2021:CPU, ie2021:MYRIAD, ncs2:virtual, litert, tflite, tflite+xnnpack")
      ->required()
      ->type_name("NAME");
  add_choice<std::string>(*command, "--objective", options->objective,
                          {{"latency", "latency"},
                           {"throughput", "throughput"},
                           {"stages", "stages"},
                           {"copies", "copies"},
                           {"ddr", "ddr"}},
                          "What to improve (measured: latency and throughput; on a simulated stick: stages)");
  command->add_option("--time-limit", request.plan.seconds, "Seconds for each objective, about (60)")
      ->check(CLI::PositiveNumber)
      ->type_name("S");
  command->add_flag("--change-predictions", request.change_predictions,
                    "Try settings that change predictions too, such as INFERENCE_PRECISION_HINT");
  command
      ->add_option("-o,--output", options->output,
                   "Write the settings that won there, in the runtime's own format (benchmark_app -load_config)")
      ->type_name("FILE");
  command->add_option("--seed", request.plan.seed, "Of the inputs and of the order of the runs (1)")->type_name("N");
  add_runtime_flags(*command, request.places);
}

}  // namespace edgescope::cli
