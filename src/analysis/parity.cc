#include "analysis/parity.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "analysis/difference.h"
#include "analysis/respondent.h"

namespace edgescope::analysis {
namespace {

using base::Json;
// What the reference runtime was given and what it answered.
struct Reference {
  std::vector<runtime::Port> outputs;
  Inputs inputs;
  Buffers answered;
};

Respondent respondent(const ParityRequest& request, const runtime::Found& runtime) {
  return {{.runtime = runtime, .time_limit = request.time_limit, .environment = {}, .program = request.worker},
          request.threads,
          {}};
}

base::Result<Reference> ask_reference(const ParityRequest& request, const runtime::Found& runtime) {
  Respondent asked = respondent(request, runtime);
  EDGESCOPE_TRY(loaded, asked.load(request.model));
  Reference reference{
      .outputs = loaded.outputs, .inputs = seeded_inputs(loaded, request.rows, request.seed), .answered = {}};
  EDGESCOPE_TRY(answered, asked.answer(reference.inputs));
  reference.answered = std::move(answered);
  return reference;
}

base::Result<std::vector<Difference>> ask(const ParityRequest& request, const runtime::Found& runtime,
                                          const Reference& reference) {
  Respondent asked = respondent(request, runtime);
  EDGESCOPE_TRY(loaded, asked.load(request.model));
  EDGESCOPE_TRY(answered, asked.answer(reference.inputs));
  return differences({reference.outputs, reference.answered}, {loaded.outputs, answered}, reference.inputs.rows);
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
      json["rows"] = reference->inputs.rows;
      continue;
    }
    const auto found = ask(request, runtime, *reference);
    if (!found) {
      failed(found.error());
      continue;
    }
    Agreement agreement = Agreement::Equal;
    Json outputs = Json::array();
    for (const Difference& d : *found) {
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
