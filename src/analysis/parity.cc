#include "analysis/parity.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "analysis/difference.h"
#include "measure/worker.h"
#include "runtime/inputs.h"

namespace edgescope::analysis {
namespace {

using base::Json;
using Buffers = std::vector<std::vector<std::byte>>;

constexpr std::uint64_t kMostBytes = 64 << 20;

// What the reference runtime was given and what it answered.
struct Reference {
  std::vector<runtime::Port> inputs, outputs;
  std::uint64_t rows = 0;
  Buffers given, answered;
};

base::Result<measure::Worker> start(const ParityRequest& request, const runtime::Found& runtime) {
  return measure::Worker::start(
      {.runtime = runtime, .time_limit = request.time_limit, .environment = {}, .program = request.worker});
}

base::Result<measure::LoadAnswer> load(const ParityRequest& request, measure::Worker& worker) {
  EDGESCOPE_TRY(answer,
                worker.load({.model = request.model, .library = {}, .threads = request.threads, .properties = {}}));
  if (const std::string& why = answer.loaded.meaningless; !why.empty())
    return base::fail(
        {.fault = base::Fault::runtime, .what = "its outputs are no predictions: " + why, .file = request.model});
  return answer;
}

base::Result<Reference> ask_reference(const ParityRequest& request, const runtime::Found& runtime) {
  EDGESCOPE_TRY(worker, start(request, runtime));
  EDGESCOPE_TRY(answer, load(request, worker));
  Reference reference{.inputs = answer.loaded.inputs, .outputs = answer.loaded.outputs};
  std::uint64_t row_bytes = 1;
  for (const auto* ports : {&reference.inputs, &reference.outputs})
    for (const runtime::Port& port : *ports) row_bytes += port.bytes;
  reference.rows = std::clamp<std::uint64_t>(kMostBytes / row_bytes, 1, std::max<std::uint64_t>(request.rows, 1));
  for (std::size_t i = 0; i < reference.inputs.size(); ++i) {
    const runtime::Port& port = reference.inputs[i];
    auto& buffer = reference.given.emplace_back(reference.rows * port.bytes);
    for (std::uint64_t row = 0; row < reference.rows; ++row)
      runtime::fill_input(port.type, request.seed, row, i, std::span(buffer).subspan(row * port.bytes, port.bytes));
  }
  EDGESCOPE_TRY(inferred, worker.infer({.rows = reference.rows, .seed = request.seed, .inputs = reference.given}));
  reference.answered = std::move(inferred.outputs);
  return reference;
}

base::Error unlike(const char* what) {
  return {.fault = base::Fault::runtime,
          .what = std::string("it names or shapes its ") + what +
                  " in another way than the reference, so that they cannot be paired"};
}

base::Result<std::vector<Difference>> ask(const ParityRequest& request, const runtime::Found& runtime,
                                          const Reference& reference) {
  EDGESCOPE_TRY(worker, start(request, runtime));
  EDGESCOPE_TRY(answer, load(request, worker));
  const auto inputs = match(answer.loaded.inputs, reference.inputs);
  if (!inputs) return base::fail(unlike("inputs"));
  Buffers given;
  for (std::size_t i = 0; i < inputs->size(); ++i) {
    const std::size_t from = (*inputs)[i];
    if (answer.loaded.inputs[i].type != reference.inputs[from].type ||
        answer.loaded.inputs[i].bytes != reference.inputs[from].bytes)
      return base::fail(unlike("inputs"));
    given.push_back(reference.given[from]);
  }
  const auto outputs = match(reference.outputs, answer.loaded.outputs);
  if (!outputs) return base::fail(unlike("outputs"));
  EDGESCOPE_TRY(inferred, worker.infer({.rows = reference.rows, .seed = request.seed, .inputs = std::move(given)}));
  std::vector<Difference> differences;
  for (std::size_t i = 0; i < outputs->size(); ++i) {
    const std::size_t of = (*outputs)[i];
    EDGESCOPE_TRY(found,
                  difference({reference.outputs[i], reference.answered[i]},
                             {answer.loaded.outputs[of], inferred.outputs[of]}, reference.rows, outputs->size() == 1));
    differences.push_back(std::move(found));
  }
  return differences;
}

Json to_json(const Difference& d) {
  Json json = {{"name", d.name},
               {"agreement", text(d.agreement)},
               {"values", d.values},
               {"max_abs", d.max_abs},
               {"mean_abs", d.mean_abs},
               {"rms", d.rms},
               {"reference_sd", d.reference_sd}};
  json["range"] = {d.low, d.high};
  if (d.max_steps) json["max_steps"] = *d.max_steps;
  if (d.mean_steps) json["mean_steps"] = *d.mean_steps;
  if (d.top1) json["top1_agreement"] = *d.top1;
  json["not_finite"] = d.not_finite;
  return json;
}

}  // namespace

base::Json parity(const ParityRequest& request) {
  Json json = {
      {"basis", "measured"}, {"reference", nullptr}, {"seed", request.seed}, {"rows", 0}, {"pairs", Json::array()}};
  std::optional<Reference> reference;
  std::optional<Agreement> overall;
  for (const runtime::Found& runtime : request.runtimes) {
    if (request.started && !request.started(runtime.name)) break;
    const auto failed = [&](const base::Error& error) {
      json["pairs"].push_back(
          {{"on", runtime.name}, {"valid", false}, {"reason", error.message()}, {"outputs", Json::array()}});
    };
    if (!reference) {
      auto answer = ask_reference(request, runtime);
      if (!answer) {
        failed(answer.error());
        continue;
      }
      reference = std::move(*answer);
      json["reference"] = runtime.name;
      json["rows"] = reference->rows;
      continue;
    }
    const auto differences = ask(request, runtime, *reference);
    if (!differences) {
      failed(differences.error());
      continue;
    }
    Agreement agreement = Agreement::Equal;
    Json outputs = Json::array();
    for (const Difference& d : *differences) {
      agreement = std::max(agreement, d.agreement);
      outputs.push_back(to_json(d));
    }
    overall = std::max(overall.value_or(Agreement::Equal), agreement);
    json["pairs"].push_back({{"on", runtime.name},
                             {"valid", true},
                             {"reason", nullptr},
                             {"agreement", text(agreement)},
                             {"outputs", outputs}});
  }
  if (overall) json["agreement"] = text(*overall);
  return json;
}

std::vector<Finding> parity_findings(const base::Json& parity) {
  std::vector<Finding> findings;
  if (!parity.is_object()) return findings;
  for (const Json& pair : parity["pairs"])
    for (const Json& output : pair["outputs"])
      if (output["agreement"] == text(Agreement::Differs))
        findings.push_back({.kind = &finding_kind("predictions-differ"),
                            .where = fmt::format("output `{}` of {} against {}", output["name"].get<std::string>(),
                                                 pair["on"].get<std::string>(), parity["reference"].get<std::string>()),
                            .cost = {.bytes = {}, .microseconds = {}, .basis = Basis::Measured}});
  return findings;
}

}  // namespace edgescope::analysis
