#include "format/onnx/calls.h"

#include <variant>

namespace edgescope::format::onnx {
namespace {

std::vector<std::int64_t> callees(const graph::Operator& op) {
  const graph::Attribute* value = graph::find(op.attributes, graph::attr::subgraph);
  if (value == nullptr) return {};
  if (const auto* one = std::get_if<std::int64_t>(value)) return {*one};
  const auto* several = std::get_if<std::vector<std::int64_t>>(value);
  return several == nullptr ? std::vector<std::int64_t>{} : *several;
}

template <typename Each>
void each_call(const graph::Subgraph& graph, Each each) {
  for (const graph::Operator& op : graph.operators)
    for (std::int64_t callee : callees(op)) each(static_cast<std::size_t>(callee));
}

}  // namespace

base::Status check_calls(const Context& context) {
  const std::vector<graph::Subgraph>& graphs = context.model.subgraphs;
  std::vector<std::size_t> waiting(graphs.size(), 0), ready;
  for (const graph::Subgraph& graph : graphs) each_call(graph, [&](std::size_t callee) { ++waiting[callee]; });
  for (std::size_t i = 0; i < graphs.size(); ++i)
    if (waiting[i] == 0) ready.push_back(i);
  std::size_t done = 0;
  while (!ready.empty()) {
    const std::size_t caller = ready.back();
    ready.pop_back();
    ++done;
    each_call(graphs[caller], [&](std::size_t callee) {
      if (--waiting[callee] == 0) ready.push_back(callee);
    });
  }
  if (done == graphs.size()) return {};
  for (std::size_t i = 0; i < graphs.size(); ++i)
    if (waiting[i] > 0) return base::fail(context.error("a function calls itself", nullptr, graphs[i].name));
  return {};
}

}  // namespace edgescope::format::onnx
