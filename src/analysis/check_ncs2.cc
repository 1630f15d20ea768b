#include "analysis/check_ncs2.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "analysis/check.h"
#include "analysis/finding.h"
#include "analysis/inspection.h"
#include "analysis/myriad_findings.h"
#include "analysis/myriad_json.h"
#include "base/mapped_file.h"
#include "base/temporary_folder.h"
#include "format/myriad/blob.h"
#include "format/openvino/reader.h"
#include "target/ncs2/check.h"
#include "target/ncs2/cost.h"
#include "target/ncs2/half.h"
#include "target/partition.h"

namespace edgescope::analysis {
namespace {

namespace ncs2 = target::ncs2;
using base::Json;

const char* verdict_name(bool compiles) { return compiles ? "compiles" : "fails"; }

std::string listed(const graph::Subgraph& graph, const std::vector<int>& operators) {
  constexpr std::size_t kMost = 5;
  std::string text;
  for (std::size_t i = 0; i < std::min(operators.size(), kMost); ++i)
    text +=
        (i ? ", " : "") + std::string(operator_name(graph, graph.operators[static_cast<std::size_t>(operators[i])]));
  return operators.size() > kMost ? text + fmt::format(" and {} more", operators.size() - kMost) : text;
}

std::vector<Finding> findings_of(const graph::Model& model, const ncs2::Check& check) {
  std::vector<Finding> findings;
  const graph::Subgraph& graph = model.subgraphs.front();
  if (!check.misreported.empty())
    findings.push_back({.kind = &finding_kind("ncs2-query-differs"),
                        .where = listed(graph, check.misreported),
                        .operators = check.misreported});
  for (const ncs2::HalfLoss& loss : ncs2::half_losses(model))
    findings.push_back(
        {.kind = &finding_kind("ncs2-half-constants"),
         .where = graph.tensors[static_cast<std::size_t>(loss.tensor)].name,
         .tensors = {loss.tensor},
         .why_here = fmt::format("Of {} values {} become infinite, {} zero, and {} whole numbers others.",
                                 loss.elements, loss.infinite, loss.vanished, loss.changed_integers)});
  return findings;
}

// What the compiler made, with the names of its stages.
base::Status add_compiled(Json& json, std::vector<Finding>& findings, const std::string& blob_path,
                          const std::string& graph_path) {
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

// The members that every device has, and what QueryNetwork says of each operator. The placement is what HETERO would
// have to make of it: on the CPU what is rejected.
Json document_of(const graph::Model& model, const ncs2::Check& check) {
  const graph::Subgraph none;
  const graph::Subgraph& graph = model.subgraphs.empty() ? none : model.subgraphs.front();
  Json json = check_json(graph, ncs2::Ncs2(), check, target::place(graph, check.mapped()));
  for (const target::Verdict& verdict : check.operators) {
    const bool misreported =
        std::find(check.misreported.begin(), check.misreported.end(), verdict.op) != check.misreported.end();
    json["operators"][static_cast<std::size_t>(verdict.op)]["query_claims"] =
        (verdict.mapping == target::Mapping::Mapped) != misreported;
  }
  return json;
}

// The compiler's own words; what to do the rules may know.
Json failure_json(const base::Error& error, const ncs2::Check& check) {
  return {{"reason", error.what},
          {"remedy", !error.remedy.empty()   ? error.remedy
                     : !check.remedy.empty() ? check.remedy
                                             : "Check parts of the network, to find the operator that it fails at."}};
}

}  // namespace

Json check_ncs2(const graph::Model& model) {
  const ncs2::Check check = ncs2::check(model);
  Json json = document_of(model, check);
  json["findings"] = model.subgraphs.empty() ? Json::array() : findings_json(findings_of(model, check));
  return json;
}

base::Result<Json> check_ncs2_by_oracle(const graph::Model& model, measure::Oracle& oracle,
                                        const Ncs2Compile& options) {
  const ncs2::Check check = ncs2::check(model);
  Json json = document_of(model, check);
  EDGESCOPE_TRY(folder, base::TemporaryFolder::make());
  const std::string blob = options.blob.empty() ? folder.path() + "/blob" : options.blob,
                    graph = folder.path() + "/graph.xml";
  const runtime::LoadRequest request{.model = model.files.front().path(), .properties = options.settings};
  const auto compiled = oracle.compile(request, {.blob = blob, .graph = graph});
  if (!compiled && compiled.error().fault != base::Fault::runtime) return base::fail(compiled.error());
  const auto claimed = oracle.query(request);
  json["verdict"] = verdict_name(compiled.has_value());
  json["predicted_verdict"] = verdict_name(check.compiles);
  json.erase("failure");
  if (!compiled) json["failure"] = failure_json(compiled.error(), check);
  json["oracle"] = {{"basis", basis_name(Basis::Exact)},
                    {"agrees", compiled.has_value() == check.compiles},
                    {"settings", options.settings},
                    {"compile_us", compiled ? Json(static_cast<double>(compiled->compile_ns) * 1e-3) : Json(nullptr)},
                    {"us_basis", basis_name(Basis::Measured)},
                    {"query_claims", claimed ? Json(*claimed) : Json(nullptr)}};
  std::vector<Finding> findings = findings_of(model, check);
  if (compiled) EDGESCOPE_CHECK(add_compiled(json, findings, blob, graph));
  json["findings"] = findings_json(findings);
  return json;
}

}  // namespace edgescope::analysis
