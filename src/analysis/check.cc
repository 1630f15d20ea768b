#include "analysis/check.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "analysis/inspection.h"
#include "base/units.h"

namespace edgescope::analysis {
namespace {

using base::Json;
using target::Check;
using target::Mapping;
using target::Partition;
using target::Placement;
using target::Verdict;

const graph::Operator& operator_at(const graph::Subgraph& subgraph, int op) {
  return subgraph.operators[static_cast<std::size_t>(op)];
}

Json or_null(const std::string& text) { return text.empty() ? Json() : Json(text); }

Json operators_json(const graph::Subgraph& subgraph, const Check& check, const Placement& placement) {
  Json list = Json::array();
  for (std::size_t i = 0; i < check.operators.size(); ++i) {
    const Verdict& verdict = check.operators[i];
    const graph::Operator& op = subgraph.operators[i];
    Json row = {{"index", i},
                {"name", operator_name(subgraph, op)},
                {"kind", graph::kind_name(op.kind)},
                {"source_kind", op.source_kind},
                {"verdict", target::mapping_name(verdict.mapping)},
                {"status", or_null(verdict.status)},
                {"reason", verdict.reason.empty() ? verdict.status : verdict.reason}};
    if (!verdict.verified) row["verified"] = false;
    if (verdict.mapping != Mapping::Mapped) {
      row["remedy"] = verdict.remedy;
      if (verdict.blocked_by >= 0) row["blocked_by"] = verdict.blocked_by;
      const target::Crossing& crossing = placement.crossings[i];
      row["transitions"] = crossing.transitions;
      row["bytes_in"] = crossing.bytes_in;
      row["bytes_out"] = crossing.bytes_out;
    }
    list.push_back(std::move(row));
  }
  return list;
}

Json placement_json(const graph::Subgraph& subgraph, const Check& check, const Placement& placement) {
  Json partitions = Json::array();
  for (const Partition& partition : placement.partitions)
    partitions.push_back({{"on", partition.on_device ? "device" : "cpu"},
                          {"operators", partition.operators},
                          {"bytes_in", partition.bytes_in},
                          {"bytes_out", partition.bytes_out}});
  const auto mapped = std::count_if(check.operators.begin(), check.operators.end(),
                                    [](const Verdict& v) { return v.mapping == Mapping::Mapped; });
  return {{"mapped", mapped},
          {"cpu", check.operators.size() - static_cast<std::size_t>(mapped)},
          {"transitions", placement.transitions},
          {"boundary_bytes", placement.boundary_bytes},
          {"stops_at", check.stop < 0 ? Json()
                                      : Json{{"index", check.stop},
                                             {"name", operator_name(subgraph, operator_at(subgraph, check.stop))},
                                             {"source_kind", operator_at(subgraph, check.stop).source_kind}}},
          {"partitions", std::move(partitions)}};
}

Json interval_json(const target::Interval& interval) { return Json::array({interval.low, interval.high}); }

const char* unit_of(const target::CostTerm& term) {
  if (term.name == "floor") return "calls";
  if (term.name.starts_with("compute")) return "macs";
  if (term.name == "stages") return "stages";
  return term.name.ends_with("results") || term.name.ends_with("elements") ? "elements" : "bytes";
}

class Findings {
 public:
  Findings(const graph::Subgraph& subgraph, const target::Target& target, const Check& check,
           const Placement& placement, const CrossingCost& cost)
      : graph_(subgraph), target_(target), check_(check), placement_(placement), cost_(cost) {}

  std::vector<Finding> all() {
    if (!check_.compiles)
      add("does-not-compile", target_.software(), {}, {}, fmt::format("Here: {}.", check_.failure),
          fmt::format("Here: {}.", check_.remedy));
    const bool any = std::any_of(check_.operators.begin(), check_.operators.end(),
                                 [](const Verdict& v) { return v.mapping == Mapping::Mapped; });
    if (!any && check_.compiles && !check_.operators.empty()) {
      add("nothing-mapped", target_.software(), {}, {}, obstacles(), "");
      return std::move(findings_);
    }
    if (any)
      for (std::size_t p = 0; p < placement_.partitions.size(); ++p)
        if (!placement_.partitions[p].on_device) cpu_part(p);
    return std::move(findings_);
  }

 private:
  void add(std::string_view id, std::string where, std::vector<int> operators, FindingCost cost, std::string why,
           std::string remedy) {
    findings_.push_back({.kind = &finding_kind(id),
                         .where = std::move(where),
                         .operators = std::move(operators),
                         .cost = cost,
                         .why_here = std::move(why),
                         .remedy_here = std::move(remedy)});
  }

  std::string place(int op) const {
    const graph::Operator& o = operator_at(graph_, op);
    return fmt::format("operator {} {} {}", op, o.source_kind, operator_name(graph_, o));
  }

  const Verdict& verdict(int op) const { return check_.operators[static_cast<std::size_t>(op)]; }

  std::string obstacles() const {
    return check_.operators.empty() ? std::string()
                                    : fmt::format("The first operator: {}.", check_.operators.front().reason);
  }

  // A run of operators on the CPU. Its first operator that has an obstacle of its own is the cause.
  void cpu_part(std::size_t index) {
    const Partition& part = placement_.partitions[index];
    const bool before = index > 0, after = index + 1 < placement_.partitions.size();
    // What crosses to and from the device, without the model's own inputs and outputs.
    std::uint64_t in = 0, out = 0;
    std::vector<int> causes;
    std::size_t follow = 0;
    for (int op : part.operators) {
      const target::Crossing& crossing = placement_.crossings[static_cast<std::size_t>(op)];
      in += crossing.bytes_in;
      out += crossing.bytes_out;
      if (verdict(op).blocked_by >= 0)
        ++follow;
      else
        causes.push_back(op);
    }
    if (causes.empty()) causes.push_back(part.operators.front());
    const std::string_view id = before && after ? "cpu-hole" : before ? "cpu-tail" : "cpu-head";
    // The device's outputs become the CPU's inputs and the other way round. Behind a tail they had to
    // leave the device in any case, so their bytes are told and not counted as time lost.
    // The sizes are the file's; that these tensors cross is predicted.
    FindingCost cost{.bytes = in + out, .basis = Basis::Predicted};
    if (id == "cpu-hole") {
      const target::Interval time = cost_.out(in) + cost_.in(out) + cost_.call;
      cost.microseconds = {{time.low, time.high}};
    }
    std::string why;
    for (std::size_t i = 0; i < std::min<std::size_t>(causes.size(), 4); ++i)
      why += fmt::format("{}{}: {} (\"{}\"){}", i ? "; " : "Here: ", place(causes[i]), verdict(causes[i]).reason,
                         verdict(causes[i]).status,
                         verdict(causes[i]).verified ? "" : ", a rule seen in no public source");
    if (causes.size() > 4) why += fmt::format("; and {} more", causes.size() - 4);
    why += '.';
    if (follow > 0)
      why += fmt::format(" {} operator{} behind could be mapped, and stay{} on the CPU for that.", follow,
                         follow == 1 ? "" : "s", follow == 1 ? "s" : "");
    why += fmt::format(" {} come from the device, {} go to it, {} change{} of side.", base::bytes_text(in),
                       base::bytes_text(out), before + after, before + after == 1 ? "" : "s");
    std::string remedy = verdict(causes.front()).remedy;
    if (!remedy.empty()) remedy = fmt::format("For {}: {}.", place(causes.front()), remedy);
    add(id,
        fmt::format("{} operator{} from {} on", part.operators.size(), part.operators.size() == 1 ? "" : "s",
                    place(part.operators.front())),
        part.operators, cost, std::move(why), std::move(remedy));
  }

  const graph::Subgraph& graph_;
  const target::Target& target_;
  const Check& check_;
  const Placement& placement_;
  const CrossingCost& cost_;
  std::vector<Finding> findings_;
};

}  // namespace

base::Json check_json(const graph::Subgraph& subgraph, const target::Target& target, const Check& check,
                      const Placement& placement) {
  Json json = {{"target", target.name()},
               {"software", target.software()},
               {"basis", basis_name(Basis::Predicted)},
               {"verdict", check.compiles ? "compiles" : "fails"}};
  if (!check.compiles) json["failure"] = {{"reason", check.failure}, {"remedy", check.remedy}};
  json["operators"] = operators_json(subgraph, check, placement);
  json["placement"] = placement_json(subgraph, check, placement);
  return json;
}

Json prediction_json(const target::Prediction& prediction) {
  Json terms = Json::array();
  for (const target::CostTerm& term : prediction.terms) {
    Json row = {{"name", term.name}, {"unit", unit_of(term)}, {"amount", term.amount}};
    if (term.amount_high != term.amount) row["amount_high"] = term.amount_high;
    row["us"] = interval_json(term.microseconds);
    row["source"] = term.source;
    terms.push_back(std::move(row));
  }
  Json json = {{"basis", prediction.basis},
               {"interval_us", interval_json(prediction.microseconds)},
               {"terms", std::move(terms)},
               {"assumptions", prediction.assumptions}};
  if (prediction.millijoules) json["millijoules"] = interval_json(*prediction.millijoules);
  return json;
}

std::vector<Finding> mapping_findings(const graph::Subgraph& subgraph, const target::Target& target, const Check& check,
                                      const Placement& placement, const CrossingCost& cost) {
  return Findings(subgraph, target, check, placement, cost).all();
}

}  // namespace edgescope::analysis
