#include "experiment/visit.h"

#include <fmt/format.h>

#include "analysis/inspection.h"
#include "analysis/parity.h"
#include "experiment/families.h"
#include "experiment/prediction.h"
#include "format/format.h"
#include "measure/usb_count.h"
#include "measure/worker_subject.h"

namespace edgescope::experiment {
namespace {

using base::Json;

constexpr std::string_view kProperty = "property.";

base::Error unusable(const Json& spec, std::string what) {
  return {.fault = base::Fault::usage, .what = fmt::format("the point {}: {}", base::dump(spec), what)};
}

base::Result<runtime::LoadRequest> load_request(const Json& spec, const VisitOptions& options) {
  EDGESCOPE_TRY(model, model_of(spec, options.folder));
  runtime::LoadRequest request{.model = model};
  for (const auto& [key, value] : spec.items()) {
    if (key == "threads") {
      if (!value.is_number_integer() || value < 1 || value > 1024)
        return base::fail(unusable(spec, "`threads` is no number of threads"));
      request.threads = value.get<int>();
    } else if (key.starts_with(kProperty)) {
      request.properties[key.substr(kProperty.size())] =
          value.is_string() ? value.get<std::string>() : base::dump(value);
    }
  }
  return request;
}

// A model that was made for the sweep is gone when its failure is read: its name says enough.
std::string without(std::string text, const std::string& folder) {
  for (std::size_t at = text.find(folder + "/"); at != text.npos; at = text.find(folder + "/"))
    text.erase(at, folder.size() + 1);
  return text;
}

Visit of(const measure::Measurement& measurement, const std::string& folder) {
  Visit visit;
  if (measurement.processes.empty()) {
    visit.failure = without(measurement.reason, folder);
    return visit;
  }
  const measure::ProcessRun& run = measurement.processes.front();
  visit.samples_us = run.samples_us;
  visit.load_us = run.load_us;
  visit.first_us = run.first_us;
  visit.stationary = run.stationary;
  if (measurement.loaded)
    visit.facts = {{"version", measurement.loaded->version},
                   {"kernels", measurement.loaded->kernels},
                   {"precision", measurement.loaded->precision},
                   {"threads", measurement.loaded->threads}};
  return visit;
}

// What the file holds, whatever its name says: what a step between two points really changes, and how much is computed.
Json content(const std::string& path) {
  const auto model = format::read_model(path);
  if (!model || model->subgraphs.empty()) return nullptr;
  const analysis::Inspection found = analysis::inspect(*model);
  Json operators = Json::array();
  for (const graph::Operator& op : model->subgraphs.front().operators) operators.push_back(op.source_kind);
  constexpr std::size_t kMostNamed = 64;
  Json json = {{"operators", operators.size()}, {"bytes", found.file_bytes}};
  if (found.total.without_macs == 0) json["macs"] = found.total.macs;
  if (operators.size() <= kMostNamed) json["kinds"] = std::move(operators);
  return json;
}

base::Result<Visit> counted(const runtime::Found& found, const runtime::LoadRequest& request,
                            const measure::Hooks& hooks, std::uint64_t seed) {
  EDGESCOPE_TRY(
      count, measure::count_usb(
                 {.runtime = found, .load = request, .inferences = 2, .seed = seed, .interrupted = hooks.interrupted}));
  return Visit{.facts = {{"usb", measure::to_json(count)}}};
}

base::Result<Visit> compared(const Json& spec, const VisitOptions& options, const measure::Hooks& hooks,
                             std::uint64_t seed) {
  EDGESCOPE_TRY(request, load_request(spec, options));
  analysis::ParityRequest parity{.model = request.model, .threads = request.threads, .seed = seed};
  std::string name;
  for (const char c : spec["compare"].get<std::string>() + ",") {
    if (c != ',') {
      name += c;
      continue;
    }
    EDGESCOPE_TRY(found, runtime::find(name, options.places));
    parity.runtimes.push_back(std::move(found));
    name.clear();
  }
  parity.started = [&hooks](const std::string&) { return !hooks.interrupted(); };
  Json found = analysis::parity(parity);
  if (hooks.interrupted()) return base::fail({.fault = base::Fault::interrupted, .what = "stopped while comparing"});
  return Visit{.facts = {{"parity", std::move(found)}}};
}

}  // namespace

Measure visits(const VisitOptions& options, const measure::Hooks& hooks) {
  const auto predictor = std::make_shared<Predictor>(options.places);
  return [options, &hooks, predictor](const Json& spec, std::uint64_t seed) -> base::Result<Visit> {
    if (spec.contains("compare") && spec["compare"].is_string()) return compared(spec, options, hooks, seed);
    if (const auto device = spec.find("predict"); device != spec.end()) {
      EDGESCOPE_TRY(path, model_of(spec, options.folder));
      auto told = predictor->predict(device->is_string() ? device->get<std::string>() : "", path);
      if (!told) {
        told.error().file = without(told.error().file, options.folder);
        return base::fail(told.error());
      }
      return Visit{.facts = {{"told", std::move(*told)}, {"model", content(path)}}};
    }
    const auto on = spec.find("on");
    if (on == spec.end() || !on->is_string()) return base::fail(unusable(spec, "`on` names no runtime"));
    EDGESCOPE_TRY(found, runtime::find(on->get<std::string>(), options.places));
    EDGESCOPE_TRY(request, load_request(spec, options));
    if (runtime::is_virtual(found.name)) {
      if (runtime::family(found.name) == "edgetpu") return counted(found, request, hooks, seed);
      return base::fail(
          {.fault = base::Fault::missing, .what = found.name + " is a simulated stick and has no latency"});
    }
    const measure::Plan plan{.processes = 1,
                             .most_processes = 1,
                             .time_limit = 20 * options.seconds,
                             .seed = seed,
                             .sample_seconds = options.seconds,
                             .warm_up_seconds = 4 * options.seconds};
    EDGESCOPE_TRY(measured, measure::sample({measure::worker_contender(found, request)}, plan,
                                            {.now = hooks.now, .interrupted = hooks.interrupted}));
    Visit visit = of(measured.front(), options.folder);
    visit.facts["model"] = content(request.model);
    return visit;
  };
}

}  // namespace edgescope::experiment
