// logical: Or and Xor, which the NCS2's compiler always refuses, as a choice: a or b is Select(a, true, b), a xor b
// is Select(a, Not(b), b).
#include "rewrite/patch.h"
#include "rewrite/rewrites.h"

namespace edgescope::rewrite {

using graph::Kind;

bool rewrite_logical(graph::Model& model, graph::Subgraph& graph, int index) {
  const graph::Operator& op = graph.operators[static_cast<std::size_t>(index)];
  if ((op.kind != Kind::LogicalOr && op.kind != Kind::LogicalXor) || op.inputs.size() != 2) return false;
  const int a = op.inputs[0], b = op.inputs[1];
  const Kind kind = op.kind;
  Patch patch(model, graph, index);
  return patch.finish(kind == Kind::LogicalOr ? patch.add(Kind::Select, {a, patch.truth(true), b})
                                              : patch.add(Kind::Select, {a, patch.add(Kind::LogicalNot, {b}), b}));
}

}  // namespace edgescope::rewrite
