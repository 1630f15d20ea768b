#include "rewrite/neighbours.h"

#include <algorithm>

#include "format/raise.h"

namespace edgescope::rewrite {

std::optional<graph::Operator> canonical(const graph::Model& model, const graph::Subgraph& graph, int op) {
  auto raised = format::raise(model, graph, graph.operators[static_cast<std::size_t>(op)]);
  if (!raised) return std::nullopt;
  return *std::move(raised);
}

int maker(const graph::Subgraph& graph, int tensor) {
  for (std::size_t i = 0; i < graph.operators.size(); ++i) {
    const auto& outputs = graph.operators[i].outputs;
    if (std::find(outputs.begin(), outputs.end(), tensor) != outputs.end()) return static_cast<int>(i);
  }
  return -1;
}

int only_reader(const graph::Subgraph& graph, int tensor) {
  if (std::find(graph.outputs.begin(), graph.outputs.end(), tensor) != graph.outputs.end()) return -1;
  int found = -1;
  for (std::size_t i = 0; i < graph.operators.size(); ++i) {
    const auto& inputs = graph.operators[i].inputs;
    if (std::find(inputs.begin(), inputs.end(), tensor) == inputs.end()) continue;
    if (found >= 0) return -1;
    found = static_cast<int>(i);
  }
  return found;
}

bool moves_nothing(graph::Kind kind) {
  using graph::Kind;
  return kind == Kind::Reshape || kind == Kind::Flatten || kind == Kind::Squeeze || kind == Kind::Unsqueeze;
}

}  // namespace edgescope::rewrite
