#include "graph/prune.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "graph/uses.h"

namespace edgescope::graph {
namespace {

bool keeps_state(const Operator& op) { return op.kind == Kind::AssignVariable || op.kind == Kind::ReadVariable; }

// Does more than to make its results.
bool has_effect(const Operator& op) {
  return op.custom || op.kind == Kind::Unknown || keeps_state(op) || op.outputs.empty();
}

// Operators that `stays` holds of stay, and what makes the outputs.
template <typename Stays>
std::size_t remove_operators(Model& model, Stays stays) {
  Subgraph& graph = model.subgraphs.front();
  model.extents.clear();
  const Uses uses = edgescope::graph::uses(graph);
  std::vector<bool> needed(graph.operators.size(), false);
  std::vector<int> open;
  const auto need = [&](int op) {
    if (op < 0 || needed[static_cast<std::size_t>(op)]) return;
    needed[static_cast<std::size_t>(op)] = true;
    open.push_back(op);
  };
  for (const int output : graph.outputs) need(uses.producer[static_cast<std::size_t>(output)]);
  for (std::size_t i = 0; i < graph.operators.size(); ++i)
    if (stays(graph.operators[i])) need(static_cast<int>(i));
  while (!open.empty()) {
    const int op = open.back();
    open.pop_back();
    for (const int input : graph.operators[static_cast<std::size_t>(op)].inputs)
      if (input >= 0) need(uses.producer[static_cast<std::size_t>(input)]);
  }
  std::vector<Operator> kept;
  for (std::size_t i = 0; i < graph.operators.size(); ++i)
    if (needed[i]) kept.push_back(std::move(graph.operators[i]));
  const std::size_t removed = graph.operators.size() - kept.size();
  graph.operators = std::move(kept);
  return removed;
}

void remove_tensors(Model& model) {
  Subgraph& graph = model.subgraphs.front();
  // Scales of blocks are tensors that a quantisation names by its index.
  if (std::any_of(graph.tensors.begin(), graph.tensors.end(),
                  [](const Tensor& t) { return t.quantization && t.quantization->scales_tensor >= 0; }))
    return;
  std::vector<int> place(graph.tensors.size(), -1);
  const auto keep = [&place](const std::vector<int>& tensors) {
    for (const int tensor : tensors)
      if (tensor >= 0) place[static_cast<std::size_t>(tensor)] = 0;
  };
  keep(graph.inputs);
  keep(graph.outputs);
  for (const Operator& op : graph.operators) {
    keep(op.inputs);
    keep(op.outputs);
  }
  for (std::size_t i = 0; i < graph.tensors.size(); ++i)
    if (graph.tensors[i].variable) place[i] = 0;
  for (const Signature& signature : model.signatures)
    for (const auto* bindings : {&signature.inputs, &signature.outputs})
      for (const auto& binding : *bindings)
        if (signature.subgraph == 0) keep({binding.tensor});
  std::vector<Tensor> tensors;
  for (std::size_t i = 0; i < graph.tensors.size(); ++i)
    if (place[i] == 0) {
      place[i] = static_cast<int>(tensors.size());
      tensors.push_back(std::move(graph.tensors[i]));
    }
  const auto move = [&place](std::vector<int>& list) {
    for (int& tensor : list)
      if (tensor >= 0) tensor = place[static_cast<std::size_t>(tensor)];
  };
  graph.tensors = std::move(tensors);
  move(graph.inputs);
  move(graph.outputs);
  for (Operator& op : graph.operators) {
    move(op.inputs);
    move(op.outputs);
  }
  for (Signature& signature : model.signatures)
    for (auto* bindings : {&signature.inputs, &signature.outputs})
      for (auto& binding : *bindings)
        if (signature.subgraph == 0 && binding.tensor >= 0)
          binding.tensor = place[static_cast<std::size_t>(binding.tensor)];
}

}  // namespace

std::size_t remove_dead(Model& model) {
  const std::size_t removed = remove_operators(model, has_effect);
  remove_tensors(model);
  return removed;
}

Model prefix(const Model& model, int tensor) {
  Model cut = model;
  Subgraph& graph = cut.subgraphs.front();
  graph.outputs = {tensor};
  std::erase_if(cut.signatures, [](const Signature& signature) { return signature.subgraph == 0; });
  remove_operators(cut, keeps_state);
  const Uses uses = edgescope::graph::uses(graph);
  std::erase_if(graph.inputs,
                [&](int input) { return input != tensor && uses.consumers[static_cast<std::size_t>(input)].empty(); });
  remove_tensors(cut);
  return cut;
}

}  // namespace edgescope::graph
