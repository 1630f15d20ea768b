#include "analysis/check_ncs2.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "analysis/check.h"
#include "analysis/inspection.h"
#include "analysis/myriad_findings.h"
#include "base/units.h"
#include "target/ncs2/check.h"
#include "target/ncs2/cost.h"
#include "target/ncs2/half.h"
#include "target/ncs2/rules.h"
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

const graph::Subgraph& main_graph(const graph::Model& model) {
  static const graph::Subgraph none;
  return model.subgraphs.empty() ? none : model.subgraphs.front();
}

// One for each operator that is rejected; one for the whole where it fails before any is looked at.
void add_rejected(std::vector<Finding>& findings, const graph::Subgraph& graph, const ncs2::Check& check) {
  const auto add = [&](std::string where, std::vector<int> operators, const std::string& why, const std::string& what) {
    findings.push_back({.kind = &finding_kind("does-not-compile"),
                        .where = std::move(where),
                        .operators = std::move(operators),
                        .cost = {.basis = Basis::Predicted},
                        .why_here = fmt::format("Here: {}.", why),
                        .remedy_here = what.empty() ? "" : "Here: " + what});
  };
  for (const target::Verdict& verdict : check.operators) {
    if (verdict.mapping != target::Mapping::Rejected) continue;
    const graph::Operator& op = graph.operators[static_cast<std::size_t>(verdict.op)];
    add(fmt::format("operator {} {} {}", verdict.op, op.source_kind, operator_name(graph, op)), {verdict.op},
        verdict.reason, verdict.remedy);
  }
  if (findings.empty() && !check.compiles) add("the whole network", {}, check.failure, check.remedy);
}

bool claimed(const ncs2::Check& check, const target::Verdict& verdict) {
  const bool misreported =
      std::find(check.misreported.begin(), check.misreported.end(), verdict.op) != check.misreported.end();
  return (verdict.mapping == target::Mapping::Mapped) != misreported;
}

// What HETERO would make of the network: by what the plugin claims, not by what compiles.
void add_hetero_holes(std::vector<Finding>& findings, const graph::Subgraph& graph, const ncs2::Check& check) {
  std::vector<bool> claims;
  for (const target::Verdict& verdict : check.operators) claims.push_back(claimed(check, verdict));
  const target::Placement placement = target::place(graph, claims);
  for (std::size_t i = 1; i + 1 < placement.partitions.size(); ++i) {
    const target::Partition& part = placement.partitions[i];
    if (part.on_device) continue;
    std::uint64_t in = 0, out = 0;
    for (const int op : part.operators) {
      in += placement.crossings[static_cast<std::size_t>(op)].bytes_in;
      out += placement.crossings[static_cast<std::size_t>(op)].bytes_out;
    }
    const bool would_compile = std::all_of(part.operators.begin(), part.operators.end(), [&](int op) {
      return check.operators[static_cast<std::size_t>(op)].mapping == target::Mapping::Mapped;
    });
    findings.push_back(
        {.kind = &finding_kind("ncs2-hetero-hole"),
         .where = listed(graph, part.operators),
         .operators = part.operators,
         .cost = {.bytes = in + out,
                  .microseconds = {{ncs2::kFloorUs.low, ncs2::kFloorUs.high}},
                  .basis = Basis::Predicted},
         .why_here = fmt::format("{} come back and {} go out.{}", base::bytes_text(in), base::bytes_text(out),
                                 would_compile ? " The compiler would take them all." : "")});
  }
}

void add_rows(std::vector<Finding>& findings, const graph::Subgraph& graph) {
  for (std::size_t i = 0; i < graph.operators.size(); ++i)
    if (const std::uint64_t rows = ncs2::row_stages(graph, graph.operators[i]); rows > 1)
      findings.push_back(
          rows_finding(std::string(operator_name(graph, graph.operators[i])), rows, {static_cast<int>(i)}));
}

// What the network alone shows, whether it compiles or not.
void add_of_network(std::vector<Finding>& findings, const graph::Model& model, const ncs2::Check& check) {
  const graph::Subgraph& graph = main_graph(model);
  if (!check.misreported.empty())
    findings.push_back({.kind = &finding_kind("ncs2-query-differs"),
                        .where = listed(graph, check.misreported),
                        .operators = check.misreported,
                        .cost = {.basis = Basis::Predicted}});
  add_hetero_holes(findings, graph, check);
  for (const ncs2::HalfLoss& loss : ncs2::half_losses(model))
    findings.push_back(
        {.kind = &finding_kind("ncs2-half-constants"),
         .where = graph.tensors[static_cast<std::size_t>(loss.tensor)].name,
         .tensors = {loss.tensor},
         .why_here = fmt::format("Of {} values {} become infinite, {} zero, and {} whole numbers others.",
                                 loss.elements, loss.infinite, loss.vanished, loss.changed_integers)});
}

// By the rules alone.
std::vector<Finding> findings_of(const graph::Model& model, const ncs2::Check& check) {
  std::vector<Finding> findings;
  add_rejected(findings, main_graph(model), check);
  add_of_network(findings, model, check);
  add_rows(findings, main_graph(model));
  return findings;
}

// With the compiler's word, which stands above the rules'.
std::vector<Finding> findings_of(const graph::Model& model, const ncs2::Check& check, const Ncs2Compiled& compiled) {
  std::vector<Finding> findings;
  if (!compiled.compiles() && !check.compiles) add_rejected(findings, main_graph(model), check);
  if (!compiled.compiles() && check.compiles)
    findings.push_back({.kind = &finding_kind("does-not-compile"),
                        .where = "the whole network",
                        .why_here = fmt::format("Here: {}", compiled.refusal->what)});
  add_of_network(findings, model, check);
  findings.insert(findings.end(), compiled.findings.begin(), compiled.findings.end());
  return findings;
}

// The members that every device has, and what QueryNetwork says of each operator. The placement is what HETERO would
// have to make of it: on the CPU what is rejected.
Json document_of(const graph::Model& model, const ncs2::Check& check) {
  const graph::Subgraph& graph = main_graph(model);
  Json json = check_json(graph, ncs2::Ncs2(), check, target::place(graph, check.mapped()));
  for (const target::Verdict& verdict : check.operators)
    json["operators"][static_cast<std::size_t>(verdict.op)]["query_claims"] = claimed(check, verdict);
  return json;
}

// The compiler's own words; what to do the rules may know.
Json failure_json(const base::Error& error, const ncs2::Check& check) {
  return {{"reason", error.what},
          {"remedy", !error.remedy.empty()   ? error.remedy
                     : !check.remedy.empty() ? check.remedy
                                             : "Check parts of the network, to find the operator that it fails at."}};
}

// Its energy is not known where it is not there: the file says so.
Json stage_law_json(const target::Prediction& prediction) {
  Json json = prediction_json(prediction);
  json.emplace("millijoules", nullptr);
  return json;
}

}  // namespace

Json check_ncs2(const graph::Model& model) {
  const ncs2::Check check = ncs2::check(model);
  Json json = document_of(model, check);
  json["findings"] = findings_json(findings_of(model, check));
  return json;
}

base::Result<Json> check_ncs2_by_oracle(const graph::Model& model, measure::Oracle& oracle,
                                        const Ncs2Compile& options) {
  const ncs2::Check check = ncs2::check(model);
  Json json = document_of(model, check);
  EDGESCOPE_TRY(compiled, compile_ncs2(model, oracle, options));
  const auto claims = oracle.query({.model = model.files.front().path(), .properties = options.settings});
  json["verdict"] = verdict_name(compiled.compiles());
  json["predicted_verdict"] = verdict_name(check.compiles);
  json.erase("failure");
  if (!compiled.compiles()) json["failure"] = failure_json(*compiled.refusal, check);
  json["oracle"] = {{"basis", basis_name(Basis::Exact)},
                    {"agrees", compiled.compiles() == check.compiles},
                    {"settings", options.settings},
                    {"compile_us", compiled.compiles() ? Json(compiled.compile_us) : Json(nullptr)},
                    {"us_basis", basis_name(Basis::Measured)},
                    {"query_claims", claims ? Json(*claims) : Json(nullptr)}};
  if (compiled.compiles()) json["myriad"] = compiled.myriad;
  if (compiled.prediction) json["prediction"] = stage_law_json(*compiled.prediction);
  json["findings"] = findings_json(findings_of(model, check, compiled));
  return json;
}

Json compile_ncs2_json(const graph::Model& model, const Ncs2Compiled* compiled) {
  const ncs2::Check check = ncs2::check(model);
  Json json = {{"predicted",
                {{"basis", basis_name(Basis::Predicted)},
                 {"verdict", verdict_name(check.compiles)},
                 {"failure", check.failure},
                 {"remedy", check.remedy}}}};
  if (compiled == nullptr) {
    json["verdict"] = json["myriad"] = nullptr;
    json["findings"] = findings_json(findings_of(model, check));
    return json;
  }
  json["verdict"] = verdict_name(compiled->compiles());
  json["failure"] = json["remedy"] = "";
  if (!compiled->compiles()) {
    const Json failure = failure_json(*compiled->refusal, check);
    json["failure"] = failure["reason"];
    json["remedy"] = failure["remedy"];
  }
  json["myriad"] = compiled->myriad;
  if (compiled->prediction) json["prediction"] = prediction_json(*compiled->prediction);
  json["findings"] = findings_json(findings_of(model, check, *compiled));
  return json;
}

base::Result<Json> predict_ncs2(const graph::Model& model, measure::Oracle& oracle, const Ncs2Compile& options) {
  EDGESCOPE_TRY(compiled, compile_ncs2(model, oracle, options));
  if (!compiled.compiles()) {
    const Json failure = failure_json(*compiled.refusal, ncs2::check(model));
    return base::fail({.fault = base::Fault::input,
                       .what = "it does not compile for the NCS2: " + failure["reason"].get<std::string>(),
                       .file = model.files.front().path(),
                       .remedy = failure["remedy"].get<std::string>()});
  }
  if (!compiled.prediction)
    return base::fail({.fault = base::Fault::runtime,
                       .what = "this runtime compiles the network and does not tell what its stages make",
                       .file = model.files.front().path()});
  Json json = {{"target", "ncs2"}, {"from", "compiled"}, {"settings", options.settings}};
  json.update(stage_law_json(*compiled.prediction));
  json["stages"] = compiled.myriad["stages"];
  return json;
}

}  // namespace edgescope::analysis
