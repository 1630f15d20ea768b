#include "graph/unique_names.h"

#include <fmt/format.h>

#include <set>
#include <string>
#include <vector>

namespace edgescope::graph {

void unique_names(Subgraph& graph) {
  std::vector<bool> of_operator(graph.tensors.size(), false), done(graph.tensors.size(), false);
  for (const Operator& op : graph.operators)
    for (int each : op.outputs)
      if (each >= 0) of_operator[static_cast<std::size_t>(each)] = true;
  for (int each : graph.inputs) of_operator[static_cast<std::size_t>(each)] = true;
  std::set<std::string> used;
  const auto unique = [&](std::size_t index) {
    if (done[index]) return;
    done[index] = true;
    std::string& name = graph.tensors[index].name;
    if (name.empty()) name = of_operator[index] ? "result" : "constant";
    std::string tried = name;
    for (int i = 1; !used.insert(tried).second; ++i) tried = fmt::format("{}_{}", name, i);
    name = std::move(tried);
  };
  for (const auto* list : {&graph.inputs, &graph.outputs})
    for (int each : *list) unique(static_cast<std::size_t>(each));
  for (std::size_t i = 0; i < graph.tensors.size(); ++i) unique(i);
}

}  // namespace edgescope::graph
