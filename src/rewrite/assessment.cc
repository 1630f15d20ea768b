#include "rewrite/assessment.h"

#include <tuple>

#include "analysis/check_edgetpu.h"
#include "analysis/check_ncs2.h"
#include "target/ncs2/rules.h"

namespace edgescope::rewrite {

using base::Json;

namespace {

std::uint64_t added_stages(const graph::Subgraph& graph) {
  std::uint64_t stages = 0;
  for (const auto* ends : {&graph.inputs, &graph.outputs})
    for (const int tensor : *ends)
      stages += graph.tensors[static_cast<std::size_t>(tensor)].type == graph::ElementType::Float32;
  for (const graph::Operator& op : graph.operators) stages += target::ncs2::row_stages(graph, op) - 1;
  return stages;
}

}  // namespace

Assessment assess(const graph::Model& model, const std::string& target) {
  Assessment result;
  const graph::Subgraph& graph = model.subgraphs.front();
  result.operators = graph.operators.size();
  if (target == "cpu") return result;
  const Json check = target == "ncs2" ? analysis::check_ncs2(model) : analysis::check_edgetpu(model, {});
  result.compiles = check["verdict"] == "compiles";
  const Json& operators = check["operators"];
  for (std::size_t i = 0; i < operators.size() && i < graph.operators.size(); ++i) {
    const bool mapped = operators[i]["verdict"] == "mapped";
    const Json claims = operators[i].value("query_claims", Json());
    const bool misreported = claims.is_boolean() && claims.get<bool>() != mapped;
    result.rejected += operators[i]["verdict"] == "rejected";
    result.not_mapped += !mapped;
    result.misreported += misreported;
    if (!mapped || misreported)
      result.wanting.insert(graph.operators[i].outputs.begin(), graph.operators[i].outputs.end());
  }
  if (target == "ncs2") result.added_stages = added_stages(graph);
  const Json& placement = check["placement"];
  result.transitions = placement.value("transitions", 0);
  result.boundary_bytes = placement.value("boundary_bytes", std::uint64_t{0});
  if (check.contains("memory") && check["memory"].contains("streamed_bytes"))
    result.streamed_bytes = check["memory"]["streamed_bytes"].get<std::uint64_t>();
  if (check.contains("prediction") && check["prediction"].is_object())
    result.predicted_us = {check["prediction"]["interval_us"][0].get<double>(),
                           check["prediction"]["interval_us"][1].get<double>()};
  return result;
}

bool better(const Assessment& a, const Assessment& b) {
  const auto key = [](const Assessment& x) {
    return std::tuple(x.rejected, x.not_mapped, x.misreported, x.transitions,
                      x.boundary_bytes + x.streamed_bytes.value_or(0), x.added_stages, x.operators);
  };
  return key(a) < key(b);
}

Json to_json(const Assessment& a) {
  Json json = {{"verdict", a.compiles ? "compiles" : "fails"},
               {"rejected", a.rejected},
               {"not_mapped", a.not_mapped},
               {"misreported", a.misreported},
               {"transitions", a.transitions},
               {"boundary_bytes", a.boundary_bytes},
               {"added_stages", a.added_stages},
               {"streamed_bytes", a.streamed_bytes ? Json(*a.streamed_bytes) : Json()},
               {"predicted_us", nullptr},
               {"operators", a.operators},
               {"basis", "predicted"}};
  if (a.predicted_us) json["predicted_us"] = {a.predicted_us->first, a.predicted_us->second};
  return json;
}

}  // namespace edgescope::rewrite
