#include "graph/uses.h"

#include <functional>
#include <numeric>
#include <queue>

namespace edgescope::graph {
namespace {

std::vector<int> producers(const Subgraph& subgraph) {
  std::vector<int> result(subgraph.tensors.size(), -1);
  for (int op = 0; op < static_cast<int>(subgraph.operators.size()); ++op)
    for (int tensor : subgraph.operators[op].outputs)
      if (tensor >= 0) result[tensor] = op;
  return result;
}

// True where no operator reads what it or a later one makes: nearly every file is written so.
bool in_execution_order(const Subgraph& subgraph) {
  const std::vector<int> producer = producers(subgraph);
  for (int op = 0; op < static_cast<int>(subgraph.operators.size()); ++op)
    for (int tensor : subgraph.operators[op].inputs)
      if (tensor >= 0 && producer[tensor] >= op) return false;
  return true;
}

}  // namespace

Uses uses(const Subgraph& subgraph) {
  Uses result{.producer = producers(subgraph), .consumers = std::vector<std::vector<int>>(subgraph.tensors.size())};
  for (int op = 0; op < static_cast<int>(subgraph.operators.size()); ++op)
    for (int tensor : subgraph.operators[op].inputs) {
      if (tensor < 0) continue;
      auto& consumers = result.consumers[tensor];
      if (consumers.empty() || consumers.back() != op) consumers.push_back(op);
    }
  return result;
}

std::vector<int> execution_order(const Subgraph& subgraph) {
  if (in_execution_order(subgraph)) {
    std::vector<int> order(subgraph.operators.size());
    std::iota(order.begin(), order.end(), 0);
    return order;
  }
  const Uses use = uses(subgraph);
  std::vector<int> waiting(subgraph.operators.size(), 0);
  for (std::size_t tensor = 0; tensor < subgraph.tensors.size(); ++tensor)
    if (use.producer[tensor] >= 0)
      for (int op : use.consumers[tensor]) ++waiting[op];
  std::priority_queue<int, std::vector<int>, std::greater<>> ready;
  for (int op = 0; op < static_cast<int>(waiting.size()); ++op)
    if (waiting[op] == 0) ready.push(op);
  std::vector<int> order;
  order.reserve(waiting.size());
  while (!ready.empty()) {
    const int op = ready.top();
    ready.pop();
    order.push_back(op);
    for (int tensor : subgraph.operators[op].outputs) {
      if (tensor < 0 || use.producer[tensor] != op) continue;
      for (int next : use.consumers[tensor])
        if (--waiting[next] == 0) ready.push(next);
    }
  }
  return order;
}

}  // namespace edgescope::graph
