#include "target/ncs2/check.h"

#include <fmt/format.h>

#include <algorithm>

#include "graph/uses.h"
#include "target/ncs2/rules.h"

namespace edgescope::target::ncs2 {
namespace {

// Tensors that OpenVINO computes before the plugin sees the network.
std::vector<bool> folded_tensors(const graph::Subgraph& graph) {
  std::vector<bool> folded(graph.tensors.size());
  for (std::size_t i = 0; i < graph.tensors.size(); ++i) folded[i] = graph.tensors[i].constant;
  for (const int index : graph::execution_order(graph)) {
    const graph::Operator& op = graph.operators[static_cast<std::size_t>(index)];
    const bool known = !op.inputs.empty() && std::all_of(op.inputs.begin(), op.inputs.end(), [&](int t) {
      return t < 0 || folded[static_cast<std::size_t>(t)];
    });
    if (known)
      for (const int output : op.outputs)
        if (output >= 0) folded[static_cast<std::size_t>(output)] = true;
  }
  return folded;
}

// What fails before any operator is looked at.
void find_unreadable(const graph::Model& model, Check& check) {
  constexpr std::int64_t kNewestIr = 10;
  const auto fail = [&check](std::string why, std::string remedy) {
    check.failure = std::move(why);
    check.remedy = std::move(remedy);
  };
  if (model.format == graph::Format::TfLite)
    return fail(
        "the plugin reads OpenVINO IR and ONNX, not TFLite",
        "`edgescope convert MODEL -o OUT.xml --ir-version 10` writes what it reads, or export the network as ONNX.");
  if (model.format == graph::Format::OpenVinoIr && model.format_version > kNewestIr)
    return fail(
        fmt::format("the plugin reads IR up to version {}, this is version {}", kNewestIr, model.format_version),
        "`edgescope convert MODEL -o OUT.xml --ir-version 10` writes what it reads, or give its ONNX file.");
  using E = graph::ElementType;
  for (int tensor : model.subgraphs.front().inputs) {
    const graph::Tensor& input = model.subgraphs.front().tensors[static_cast<std::size_t>(tensor)];
    if (input.type == E::Float64 || input.type == E::Int16 || input.type == E::UInt16)
      return fail(fmt::format("the input {} is of type {}, which the plugin does not know", input.name,
                              graph::element_type_name(input.type)),
                  "Export the model with an input of 32-bit floats or integers.");
    if (!input.shape.is_static())
      return fail(
          fmt::format("the shape of the input {} is open, and the plugin needs every dimension fixed", input.name),
          "Fix it when the model is exported, usually to a batch of 1.");
  }
}

// One operator that is rejected fails the whole compile.
void find_rejected(Check& check) {
  const auto rejected = std::find_if(check.operators.begin(), check.operators.end(),
                                     [](const Verdict& verdict) { return verdict.mapping == Mapping::Rejected; });
  if (rejected == check.operators.end() || !check.failure.empty()) return;
  check.failure = rejected->reason;
  check.remedy = rejected->remedy;
}

}  // namespace

Check check(const graph::Model& model) {
  Check result;
  if (model.subgraphs.empty()) return result;
  find_unreadable(model, result);
  const graph::Subgraph& graph = model.subgraphs.front();
  const graph::Uses uses = graph::uses(graph);
  const std::vector<bool> folded = folded_tensors(graph);
  for (std::size_t i = 0; i < graph.operators.size(); ++i) {
    const graph::Operator& op = graph.operators[i];
    Verdict verdict{.op = static_cast<int>(i),
                    .mapping = Mapping::Mapped,
                    .status = {},
                    .reason = "the plugin has stages for it",
                    .remedy = {}};
    const int output = op.outputs.empty() ? -1 : op.outputs.front();
    const bool known = output >= 0 && folded[static_cast<std::size_t>(output)];
    const bool result_only = output >= 0 && uses.consumers[static_cast<std::size_t>(output)].empty();
    const Site site{.model = model, .subgraph = graph, .op = op, .folded = folded, .output_is_result = result_only};
    if (known) {
      verdict.reason = "computed when the network is read";
    } else if (auto why = refusal(site)) {
      verdict.mapping = Mapping::Rejected;
      if (why->only_by_its_stage) result.misreported.push_back(verdict.op);
      verdict.reason = std::move(why->reason);
      verdict.remedy = std::move(why->remedy);
    } else if (!query_knows(site)) {
      result.misreported.push_back(verdict.op);
    }
    result.operators.push_back(std::move(verdict));
  }
  find_rejected(result);
  result.compiles = result.failure.empty();
  return result;
}

Verdict Ncs2::check(const graph::Subgraph& subgraph, int op) const {
  graph::Model model;
  model.format = graph::Format::OpenVinoIr;
  model.subgraphs = {subgraph};
  return ncs2::check(model).operators[static_cast<std::size_t>(op)];
}

}  // namespace edgescope::target::ncs2
