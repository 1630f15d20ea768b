// difference: a - b of two tensors as a + (-1) b, and quotient: a / b as a b^-1. Both compile for the NCS2 as they
// are, but QueryNetwork says they do not, so that HETERO leaves them to the CPU.
#include "rewrite/patch.h"
#include "rewrite/rewrites.h"

namespace edgescope::rewrite {

using graph::Kind;

bool rewrite_difference(graph::Model& model, graph::Subgraph& graph, int index) {
  const graph::Operator& op = graph.operators[static_cast<std::size_t>(index)];
  if (op.kind != Kind::Subtract || op.inputs.size() != 2) return false;
  const int a = op.inputs[0], b = op.inputs[1];
  Patch patch(model, graph, index);
  const graph::Tensor& right = patch.tensor(b);
  const bool whole = right.type == graph::ElementType::Int32 || right.type == graph::ElementType::Int64;
  if ((!graph::is_float(right.type) && !whole) || right.constant || patch.tensor(a).constant) return false;
  const int minus = patch.add(Kind::Multiply, {b, patch.number(-1, right.type)});
  return patch.finish(patch.add(Kind::Add, {a, minus}));
}

bool rewrite_quotient(graph::Model& model, graph::Subgraph& graph, int index) {
  const graph::Operator& op = graph.operators[static_cast<std::size_t>(index)];
  if (op.kind != Kind::Divide || op.inputs.size() != 2) return false;
  const int a = op.inputs[0], b = op.inputs[1];
  Patch patch(model, graph, index);
  const graph::Tensor& right = patch.tensor(b);
  if (!graph::is_float(right.type) || right.constant) return false;
  const int inverse = patch.add(Kind::Power, {b, patch.number(-1, right.type)});
  return patch.finish(patch.add(Kind::Multiply, {a, inverse}));
}

}  // namespace edgescope::rewrite
