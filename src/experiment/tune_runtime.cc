#include "experiment/tune_runtime.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <thread>

#include "base/mapped_file.h"
#include "base/temporary_folder.h"
#include "format/myriad/blob.h"
#include "measure/oracle.h"
#include "measure/worker_subject.h"

namespace edgescope::experiment {
namespace {

// Which runtimes list settings, and which keep several inferences in flight, their families tell.
bool configurable(std::string_view on) {
  const std::string_view family = runtime::family(on);
  return family == "openvino" || family == "ie2021" || on == "ncs2:virtual";
}

bool compiled_only(std::string_view on) { return on == "ncs2:virtual"; }

base::Result<runtime::Found> find_for(const TuneRequest& request) {
  EDGESCOPE_TRY(found, runtime::find(request.on, request.places));
  if (runtime::family(request.on) == "edgetpu" || request.on == "null")
    return base::fail(
        {.fault = base::Fault::usage,
         .what = fmt::format("{} has nothing to tune", request.on),
         .remedy = "For Edge TPUs `edgescope compile MODEL --target edgetpu --plan` finds how to compile."});
  if (!runtime::accepts(request.on, request.format))
    return base::fail({.fault = base::Fault::missing,
                       .what = request.on + " does not read files of this format",
                       .file = request.model,
                       .remedy = "Convert the model, or tune another runtime."});
  return found;
}

base::Result<runtime::Properties> ask(const runtime::Found& found) {
  if (!configurable(found.name)) return runtime::Properties{};
  EDGESCOPE_TRY(worker, measure::Worker::start({.runtime = found}));
  return worker.properties();
}

// A contender under these settings. Two of ours are no property of any runtime: threads and kernels.
measure::Contender contender(const TuneRequest& request, const runtime::Found& found, const Arm& arm,
                             SpeedObjective objective) {
  runtime::LoadRequest load{
      .model = request.model, .threads = configurable(found.name) ? 0 : 1, .properties = arm.settings};
  runtime::Found chosen = found;
  if (const auto threads = arm.settings.find("threads"); threads != arm.settings.end()) {
    load.threads = std::atoi(threads->second.c_str());
    load.properties.erase("threads");
  }
  if (const auto kernels = arm.settings.find("kernels"); kernels != arm.settings.end()) {
    chosen.name += "+" + kernels->second;
    load.properties.erase("kernels");
  }
  measure::Contender one = objective == SpeedObjective::Throughput ? measure::stream_contender(chosen, load)
                                                                   : measure::worker_contender(chosen, load);
  one.on = arm.name;
  return one;
}

base::Result<CompiledSize> compiled_size(const std::string& path) {
  EDGESCOPE_TRY(file, base::MappedFile::open(path));
  EDGESCOPE_TRY(blob, format::myriad::read_blob(file.bytes(), path));
  CompiledSize size{.stages = blob.stages.size(),
                    .ddr_bytes = blob.header.bss_bytes,
                    .cmx_slices = blob.header.cmx_slices,
                    .shaves = blob.header.shaves};
  for (const format::myriad::Stage& stage : blob.stages) {
    size.copies += stage.kind() == "Copy";
    size.hardware += stage.engine() == format::myriad::Engine::Hardware;
    size.shave += stage.engine() == format::myriad::Engine::Shave;
  }
  return size;
}

base::Result<TunedCompile> tune_by_compiling(const TuneRequest& request, const runtime::Found& found,
                                             const Space& space, const measure::Hooks& hooks) {
  EDGESCOPE_TRY(folder, base::TemporaryFolder::make());
  measure::Oracle oracle({.runtime = found});
  std::size_t done = 0, all = 1;
  for (const Knob& knob : space.knobs) all += knob.candidates.size();
  return tune_compile(space, request.compile, [&](const Settings& settings) -> base::Result<CompiledSize> {
    if (hooks.interrupted()) return base::fail({.fault = base::Fault::interrupted, .what = "stopped while compiling"});
    hooks.progress(settings.empty() ? "compiling" : "compiling with " + name_of(settings),
                   std::min(0.99, static_cast<double>(done++) / static_cast<double>(all)));
    const std::string blob = fmt::format("{}/{}.blob", folder.path(), done);
    EDGESCOPE_CHECK(oracle.compile({.model = request.model, .properties = settings}, {.blob = blob, .graph = {}}));
    return compiled_size(blob);
  });
}

}  // namespace

std::string_view name_of(SpeedObjective objective) {
  return objective == SpeedObjective::Latency ? "latency" : "throughput";
}

base::Json configuration(const std::string& on, const Settings& settings) {
  const std::size_t colon = on.find(':');
  const std::string device = on == "ncs2:virtual" ? "MYRIAD" : colon == std::string::npos ? on : on.substr(colon + 1);
  base::Json values = base::Json::object();
  for (const auto& [name, value] : settings) values[name] = value;
  return {{device, std::move(values)}};
}

base::Result<TuneResult> tune(const TuneRequest& request, const measure::Hooks& hooks) {
  EDGESCOPE_TRY(found, find_for(request));
  EDGESCOPE_TRY(properties, ask(found));
  TuneResult result;
  result.environment = measure::read_environment();
  const int cores = std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
  result.space =
      tuning_space({.on = request.on, .cores = cores, .change_predictions = request.change_predictions}, properties);
  if (compiled_only(request.on)) {
    if (!request.speed.empty())
      return base::fail({.fault = base::Fault::usage,
                         .what = "a simulated stick has no latency and no throughput",
                         .remedy = "Its objectives are stages, copies and ddr."});
    EDGESCOPE_TRY(compiled, tune_by_compiling(request, found, result.space, hooks));
    result.compiled = std::move(compiled);
    result.notes.push_back(
        "Stages, copies and bytes are exact; what they cost in time is not: measure the winner on a real stick.");
    return result;
  }
  std::vector<SpeedObjective> objectives = request.speed;
  if (objectives.empty()) {
    objectives = {SpeedObjective::Latency};
    if (configurable(request.on))
      objectives.push_back(SpeedObjective::Throughput);
    else
      result.notes.push_back(
          fmt::format("{} runs one inference at a time, so its throughput is 1 / latency.", request.on));
  }
  if (result.space.hints.empty())
    result.notes.push_back(fmt::format("{} has no performance hints to be compared with.", request.on));
  const measure::CpuTime begin = measure::read_cpu_time();
  for (const SpeedObjective objective : objectives) {
    if (objective == SpeedObjective::Throughput && !configurable(request.on))
      return base::fail({.fault = base::Fault::usage,
                         .what = fmt::format("{} runs one inference at a time", request.on),
                         .remedy = "`edgescope bench MODEL --workers N` measures several processes at once."});
    const MeasureArms measure = [&](const std::vector<Arm>& arms, const measure::Plan& plan) {
      std::vector<measure::Contender> contenders;
      for (const Arm& arm : arms) contenders.push_back(contender(request, found, arm, objective));
      measure::Hooks named = hooks;
      named.progress = [&](const std::string& text, double fraction) {
        hooks.progress(fmt::format("{}, {} settings: {}", name_of(objective), arms.size(), text), fraction);
      };
      return measure::sample(contenders, plan, named);
    };
    EDGESCOPE_TRY(tuned, tune(result.space, request.plan, measure));
    result.speed.push_back({objective, std::move(tuned)});
  }
  result.disturbance =
      measure::disturbance(result.environment, measure::read_environment(), begin, measure::read_cpu_time());
  return result;
}

}  // namespace edgescope::experiment
