#include "analysis/check_ncs2.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "analysis/finding.h"
#include "analysis/myriad_findings.h"
#include "analysis/myriad_json.h"
#include "base/mapped_file.h"
#include "base/temporary_folder.h"
#include "format/myriad/blob.h"
#include "format/openvino/reader.h"
#include "target/ncs2/check.h"
#include "target/ncs2/cost.h"
#include "target/ncs2/half.h"

namespace edgescope::analysis {
namespace {

namespace ncs2 = target::ncs2;
using base::Json;

constexpr const char* kSoftware = "MYRIAD plugin 2021.4";

const char* verdict_name(bool compiles) { return compiles ? "compiles" : "fails"; }

std::string name_of(const graph::Subgraph& graph, const graph::Operator& op) {
  if (!op.name.empty()) return op.name;
  return op.outputs.empty() || op.outputs.front() < 0 ? "" : graph.tensors[static_cast<std::size_t>(op.outputs.front())].name;
}

Json operators_json(const graph::Subgraph& graph, const ncs2::Check& check) {
  Json list = Json::array();
  for (const target::Verdict& verdict : check.operators) {
    const graph::Operator& op = graph.operators[static_cast<std::size_t>(verdict.op)];
    const bool misreported = std::find(check.misreported.begin(), check.misreported.end(), verdict.op) != check.misreported.end();
    const bool mapped = verdict.mapping == target::Mapping::Mapped;
    list.push_back({{"index", verdict.op},
                    {"name", name_of(graph, op)},
                    {"kind", graph::kind_name(op.kind)},
                    {"source_kind", op.source_kind},
                    {"verdict", target::mapping_name(verdict.mapping)},
                    {"reason", verdict.reason},
                    {"remedy", verdict.remedy},
                    {"query_claims", mapped != misreported}});
  }
  return list;
}

std::string listed(const graph::Subgraph& graph, const std::vector<int>& operators) {
  constexpr std::size_t kMost = 5;
  std::string text;
  for (std::size_t i = 0; i < std::min(operators.size(), kMost); ++i) text += (i ? ", " : "") + name_of(graph, graph.operators[static_cast<std::size_t>(operators[i])]);
  return operators.size() > kMost ? text + fmt::format(" and {} more", operators.size() - kMost) : text;
}

std::vector<Finding> findings_of(const graph::Model& model, const ncs2::Check& check) {
  std::vector<Finding> findings;
  const graph::Subgraph& graph = model.subgraphs.front();
  if (!check.misreported.empty())
    findings.push_back({.kind = &finding_kind("ncs2-query-differs"), .where = listed(graph, check.misreported), .operators = check.misreported});
  for (const ncs2::HalfLoss& loss : ncs2::half_losses(model))
    findings.push_back({.kind = &finding_kind("ncs2-half-constants"),
                        .where = graph.tensors[static_cast<std::size_t>(loss.tensor)].name,
                        .tensors = {loss.tensor},
                        .why_here = fmt::format("Of {} values {} become infinite, {} zero, and {} whole numbers others.", loss.elements, loss.infinite, loss.vanished, loss.changed_integers)});
  return findings;
}

Json failure_json(const std::string& reason, const std::string& remedy) { return {{"reason", reason}, {"remedy", remedy}}; }

// The first reason for which the rules refuse the network.
Json predicted_failure(const ncs2::Check& check) {
  if (check.compiles()) return nullptr;
  if (!check.failure.empty()) return failure_json(check.failure, "");
  const auto rejected = std::find_if(check.operators.begin(), check.operators.end(), [](const auto& verdict) { return verdict.mapping == target::Mapping::Rejected; });
  return failure_json(rejected->reason, rejected->remedy);
}

Json interval_json(const target::Interval& interval) { return Json::array({interval.low, interval.high}); }

Json prediction_json(const target::Prediction& prediction) {
  Json terms = Json::array();
  for (const target::CostTerm& term : prediction.terms)
    terms.push_back({{"name", term.name}, {"unit", term.name == "floor" ? "calls" : term.name == "stages" ? "stages" : "elements"}, {"amount", term.amount}, {"us", interval_json(term.microseconds)}, {"source", term.source}});
  Json json = {{"basis", prediction.basis}, {"interval_us", interval_json(prediction.microseconds)}, {"terms", std::move(terms)}, {"assumptions", prediction.assumptions}};
  if (prediction.millijoules) json["millijoules"] = interval_json(*prediction.millijoules);
  return json;
}

// What the compiler made, with the names of its stages.
base::Status add_compiled(Json& json, std::vector<Finding>& findings, const std::string& blob_path, const std::string& graph_path) {
  EDGESCOPE_TRY(file, base::MappedFile::open(blob_path));
  EDGESCOPE_TRY(blob, format::myriad::read_blob(file.bytes(), blob_path));
  EDGESCOPE_TRY(xml, base::MappedFile::open(graph_path));
  EDGESCOPE_TRY(graph, format::openvino::read(xml));
  EDGESCOPE_TRY(stages, ncs2::stages_of(graph));
  Json& myriad = json["myriad"] = myriad_json(blob);
  if (stages.size() == blob.stages.size())
    for (std::size_t i = 0; i < stages.size(); ++i) {
      myriad["stages"][i]["name"] = stages[i].name;
      myriad["stages"][i]["layers"] = stages[i].layers;
    }
  for (Finding& finding : myriad_findings(blob)) findings.push_back(std::move(finding));
  json["prediction"] = prediction_json(ncs2::predict(stages));
  return {};
}

Json document_of(const graph::Model& model, const ncs2::Check& check) {
  return {{"target", "ncs2"},
          {"software", kSoftware},
          {"verdict", verdict_name(check.compiles())},
          {"failure", predicted_failure(check)},
          {"operators", model.subgraphs.empty() ? Json::array() : operators_json(model.subgraphs.front(), check)}};
}

}  // namespace

Json check_ncs2(const graph::Model& model) {
  const ncs2::Check check = ncs2::check(model);
  Json json = document_of(model, check);
  json["findings"] = model.subgraphs.empty() ? Json::array() : findings_json(findings_of(model, check));
  return json;
}

base::Result<Json> check_ncs2_by_oracle(const graph::Model& model, measure::Oracle& oracle, const Ncs2Compile& options) {
  const ncs2::Check check = ncs2::check(model);
  Json json = document_of(model, check);
  EDGESCOPE_TRY(folder, base::TemporaryFolder::make());
  const std::string blob = options.blob.empty() ? folder.path() + "/blob" : options.blob, graph = folder.path() + "/graph.xml";
  const runtime::LoadRequest request{.model = model.files.front().path(), .properties = options.settings};
  const auto compiled = oracle.compile(request, {.blob = blob, .graph = graph});
  if (!compiled && compiled.error().fault != base::Fault::runtime) return base::fail(compiled.error());
  const auto claimed = oracle.query(request);
  json["verdict"] = verdict_name(compiled.has_value());
  json["predicted_verdict"] = verdict_name(check.compiles());
  json["failure"] = compiled ? Json(nullptr) : failure_json(compiled.error().what, compiled.error().remedy);
  json["oracle"] = {{"agrees", compiled.has_value() == check.compiles()},
                    {"settings", options.settings},
                    {"compile_us", compiled ? Json(static_cast<double>(compiled->compile_ns) * 1e-3) : Json(nullptr)},
                    {"query_claims", claimed ? Json(*claimed) : Json(nullptr)}};
  std::vector<Finding> findings = findings_of(model, check);
  if (compiled) EDGESCOPE_CHECK(add_compiled(json, findings, blob, graph));
  json["findings"] = findings_json(findings);
  return json;
}

}  // namespace edgescope::analysis
