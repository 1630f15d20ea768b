#include "measure/usb_count.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "base/atomic_file.h"
#include "base/temporary_folder.h"
#include "measure/usb_trace.h"
#include "measure/worker.h"
#include "virtual/log.h"

namespace edgescope::measure {
namespace {

using base::Json;
using format::edgetpu::ExecutableType;
using target::edgetpu::Traffic;

constexpr std::uint64_t kAtOnce = 500;  // inferences between two looks at an interruption

std::uint64_t* slot(Traffic& traffic, const std::string& step) {
  if (step == "instructions") return &traffic.instructions;
  if (step == "input") return &traffic.input;
  if (step == "parameters") return &traffic.parameters;
  if (step == "output") return &traffic.output;
  if (step == "scratch_in") return &traffic.scratch_in;
  if (step == "scratch_out") return &traffic.scratch_out;
  return nullptr;
}

// An operator's runs, each with the caching runs before it.
struct Runs {
  std::vector<Traffic> inferences;
  Traffic pending;
  std::uint64_t uploads = 0;
  std::string stick;
};

base::Result<std::vector<UsbTraffic>> sum_up(const std::vector<Json>& lines, const std::vector<Compiled>& models) {
  std::map<std::pair<std::size_t, std::size_t>, Runs> runs;  // by model and operator
  for (const Json& line : lines) {
    const std::string event = line.value("event", "");
    if (event != "step" && event != "done") continue;
    Runs& of = runs[{line.at("model").get<std::size_t>(), line.at("operator").get<std::size_t>()}];
    if (event == "step") {
      if (std::uint64_t* bytes = slot(of.pending, line.at("step").get<std::string>()))
        *bytes += line.at("bytes").get<std::uint64_t>();
      of.stick = line.at("device").get<std::string>();
    } else if (line.at("executable") == format::edgetpu::executable_type_name(ExecutableType::ParameterCaching)) {
      ++of.uploads;
    } else {
      of.inferences.push_back(of.pending);
      of.pending = {};
    }
  }
  std::vector<UsbTraffic> result;
  for (std::size_t model = 0; model < models.size(); ++model) {
    UsbTraffic sum{.model = models[model].path, .ledger = target::edgetpu::ledger(models[model].packages)};
    std::vector<Traffic> inferences;
    for (std::size_t op = 0; op < models[model].packages.size(); ++op) {
      const Runs& of = runs[{model, op}];
      if (op == 0) inferences.resize(of.inferences.size());
      if (of.inferences.size() != inferences.size())
        return base::fail({.fault = base::Fault::runtime,
                           .what = fmt::format("operator {} ran {} times, the first one {} times", op,
                                               of.inferences.size(), inferences.size()),
                           .file = models[model].path});
      for (std::size_t i = 0; i < inferences.size(); ++i) inferences[i] += of.inferences[i];
      sum.uploads += of.uploads;
      sum.stick = of.stick;
    }
    if (inferences.size() < 2)
      return base::fail({.fault = base::Fault::runtime,
                         .what = fmt::format("{} of its inferences reached the stick", inferences.size()),
                         .file = models[model].path});
    sum.inferences = inferences.size();
    sum.first = inferences.front();
    sum.later = inferences.back();
    sum.alike =
        std::all_of(inferences.begin() + 1, inferences.end(), [&](const Traffic& one) { return one == sum.later; });
    result.push_back(std::move(sum));
  }
  return result;
}

}  // namespace

base::Result<UsbCount> count_usb(const UsbRequest& request) {
  std::vector<std::string> paths = request.load.alternate;
  paths.insert(paths.begin(), request.load.model);
  std::vector<Compiled> models;
  for (const std::string& path : paths) {
    EDGESCOPE_TRY(compiled, read_compiled(path));
    models.push_back(std::move(compiled));
  }
  EDGESCOPE_TRY(folder, base::TemporaryFolder::make());
  EDGESCOPE_TRY(files,
                write_session(request.sticks, models, request.runtime.host, !request.trace.empty(), folder.path()));

  UsbCount count{.sticks = request.sticks};
  const auto run = [&]() -> base::Status {
    EDGESCOPE_TRY(
        worker, Worker::start({.runtime = request.runtime, .environment = {{"EDGESCOPE_VIRTUAL_USB", files.session}}}));
    runtime::LoadRequest load = request.load;
    load.sticks = request.sticks.count;
    EDGESCOPE_TRY(answer, worker.load(load));
    count.loaded = std::move(answer.loaded);
    if (!request.inputs.empty()) {
      EDGESCOPE_TRY(first, worker.infer({.rows = 1, .inputs = request.inputs}));
      count.outputs = std::move(first.outputs);
    }
    // The very first inference after a load is one more than what is asked for.
    for (std::uint64_t left = std::max<std::uint64_t>(request.inferences, 2) - 1; left > 0;
         left -= std::min(left, kAtOnce)) {
      if (request.interrupted())
        return base::fail({.fault = base::Fault::interrupted, .what = "stopped while counting"});
      EDGESCOPE_TRY(samples, worker.sample({.count = std::min(left, kAtOnce), .seed = request.seed}));
    }
    return {};
  };
  const base::Status status = run();
  auto lines = virtual_usb::read_log(files.log);
  // What a stick complains of explains whatever the runtime says then.
  if (const auto errors = lines ? complaints(*lines) : std::vector<std::string>(); !errors.empty())
    return base::fail(
        {.fault = base::Fault::runtime,
         .what = "on the simulated stick: " + errors.front(),
         .file = request.load.model,
         .remedy =
             "The runtime and the file's DMA hints contradict each other: inspect the file, and compile it again."});
  if (!status) return base::fail(status.error());
  if (!lines) return base::fail(lines.error());
  for (const Json& line : *lines)
    if (line.value("event", "") == "firmware") count.firmware_bytes = line.at("bytes").get<std::uint64_t>();
  EDGESCOPE_TRY(sums, sum_up(*lines, models));
  count.models = std::move(sums);
  if (request.sticks.source.empty()) {
    const std::string zeros = "a simulated stick does not compute: its answers are zeros";
    count.loaded.meaningless = count.loaded.meaningless.empty() ? zeros : zeros + "; " + count.loaded.meaningless;
  }
  if (!request.trace.empty())
    EDGESCOPE_CHECK(base::write_file(
        request.trace,
        base::dump(chrome_trace(*lines, "Times are those of the simulation, not of a stick; bytes are exact."))));
  return count;
}

Json to_json(const UsbCount& count) {
  Json models = Json::array();
  for (const UsbTraffic& one : count.models)
    models.push_back({{"model", one.model},
                      {"stick", one.stick},
                      {"inferences", one.inferences},
                      {"parameter_uploads", one.uploads},
                      {"first_inference", to_json(one.first)},
                      {"per_inference", to_json(one.later)},
                      {"alike", one.alike},
                      {"ledger",
                       {{"first_inference", to_json(one.ledger.first_inference)},
                        {"per_inference", to_json(one.ledger.per_inference)}}},
                      {"equals_ledger", one.equals_ledger()}});
  return {{"basis", "exact"},
          {"link", count.sticks.usb3 ? "usb3" : "usb2"},
          {"sticks", count.sticks.count},
          {"firmware_bytes", count.firmware_bytes ? Json(*count.firmware_bytes) : Json(nullptr)},
          {"outputs", count.loaded.meaningless.empty() ? "computed" : "meaningless"},
          {"models", std::move(models)}};
}

}  // namespace edgescope::measure
