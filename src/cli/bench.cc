// edgescope bench MODEL --on A,B,...: how long an inference takes, on each runtime, and which is faster.
#include "measure/bench.h"

#include <algorithm>
#include <cstdio>

#include "cli/commands.h"
#include "cli/interrupt.h"
#include "cli/runtime_flags.h"
#include "format/format.h"
#include "report/views/bench.h"

namespace edgescope::cli {
namespace {

struct Options {
  measure::BenchRequest request;
  double target_percent = 2;
  bool samples = false;
  SimulatedFlags simulated;
};

// What only Edge TPUs or only simulated ones have is not passed over in silence.
base::Status check(const measure::BenchRequest& request) {
  const auto any = [&](auto is) { return std::any_of(request.on.begin(), request.on.end(), is); };
  const bool simulated = any([](const std::string& on) { return runtime::is_virtual(on); });
  const bool others = request.on.empty() || any([](const std::string& on) { return runtime::family(on) != "edgetpu"; });
  if (!simulated &&
      (!request.trace.empty() || !request.sticks.source.empty() || !request.sticks.usb3 || !request.sticks.firmware))
    return base::fail({.fault = base::Fault::usage,
                       .what = "--trace, --source, --link and --dfu are for simulated sticks",
                       .remedy = "Add `--on edgetpu:virtual`; `edgescope trace -- COMMAND` records a real stick."});
  if (others && (!request.alternate.empty() || request.sticks.count > 1))
    return base::fail({.fault = base::Fault::usage,
                       .what = "--alternate and --sticks are for Edge TPUs",
                       .remedy = "Name only edgetpu and edgetpu:virtual with --on."});
  return {};
}

base::Result<int> run_bench(const Shared& shared, Options options) {
  options.request.sticks = options.simulated.sticks();
  EDGESCOPE_CHECK(check(options.request));
  EDGESCOPE_TRY(model, format::read_model(options.request.model));
  options.request.format = model.format;
  options.request.plan.target_width = options.target_percent / 100;
  const Interrupt interrupt;
  base::Progress progress(shared.progress);
  measure::Hooks hooks = measure::system_hooks();
  hooks.interrupted = [] { return Interrupt::pending(); };
  hooks.progress = [&progress](const std::string& text, double fraction) { progress.update(text, fraction); };
  EDGESCOPE_TRY(result, measure::bench(options.request, hooks));
  progress.clear();

  base::Json document = report::document("bench", options.request.model);
  measure::add_bench(document, result, options.samples);
  EDGESCOPE_CHECK(print(shared, document, report::bench_view()));
  if (measure::anything_ran(result)) return 0;
  for (const measure::Measurement& run : result.runs) std::fprintf(stderr, "edgescope: %s\n", run.reason.c_str());
  return base::exit_code(base::Fault::missing);
}

}  // namespace

void add_bench(CLI::App& app, Shared& shared) {
  const auto options = std::make_shared<Options>();
  CLI::App* command =
      add_command(app, shared, "bench",
                  "Measured latency on runtimes: valid or not, and which is faster; bytes on simulated sticks",
                  [&shared, options] { return run_bench(shared, *options); });
  measure::BenchRequest& request = options->request;
  measure::Plan& plan = request.plan;
  command->add_option("MODEL", request.model, "A model: TFLite, ONNX, OpenVINO IR")->required()->type_name("");
  add_on_flag(*command, request.on);
  command->add_option("--threads", request.threads, "Threads of each process (1)")
      ->check(CLI::Range(1, 1024))
      ->type_name("N");
  command->add_option("--processes", plan.processes, "Fresh processes of each runtime, at least (5)")
      ->check(CLI::Range(2, 40))
      ->type_name("N");
  command->add_option("--time-limit", plan.time_limit, "Seconds for each runtime, at most (30)")
      ->check(CLI::PositiveNumber)
      ->type_name("S");
  command
      ->add_option("--target-width", options->target_percent,
                   "Sample until the interval is narrower, in percent of the median (2)")
      ->check(CLI::PositiveNumber)
      ->type_name("PERCENT");
  command->add_option("--seed", plan.seed, "Of the inputs and of the order of the runs (1)")->type_name("N");
  command->add_option("--workers", request.workers, "Throughput: processes that infer at the same time (1)")
      ->check(CLI::Range(1, 1024))
      ->type_name("N");
  command->add_flag("--profile", request.profile, "A time for each operator too, where the runtime tells");
  command->add_flag("--samples", options->samples, "Every sample in the JSON");
  add_runtime_flags(*command, request.places);
  add_property_flag(*command, request.properties);
  command
      ->add_option("--alternate", request.alternate,
                   "Edge TPU: models that run in turn with MODEL on its stick; may be repeated")
      ->type_name("MODEL")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  add_simulated_flags(*command, options->simulated);
  command->add_option("--inferences", request.inferences, "Simulated stick: how many are counted (20)")
      ->check(CLI::Range(2, 1'000'000))
      ->type_name("N");
  command
      ->add_option("--trace", request.trace,
                   "Simulated stick: write every transfer as a trace for Perfetto or chrome://tracing")
      ->type_name("FILE");
}

}  // namespace edgescope::cli
