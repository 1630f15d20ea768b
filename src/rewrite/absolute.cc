// absolute: |x|, which the NCS2 lacks, as max(x, -x). The sum of absolute values (ReduceL1) becomes a sum of those.
#include "rewrite/patch.h"
#include "rewrite/rewrites.h"

namespace edgescope::rewrite {

using graph::Kind;

bool rewrite_absolute(graph::Model& model, graph::Subgraph& graph, int index) {
  const graph::Operator& op = graph.operators[static_cast<std::size_t>(index)];
  if (op.kind != Kind::Abs || op.inputs.size() != 1) return false;
  const int x = op.inputs[0];
  Patch patch(model, graph, index);
  if (!graph::is_float(patch.tensor(x).type)) return false;
  return patch.finish(patch.add(Kind::Maximum, {x, patch.add(Kind::Negate, {x})}));
}

}  // namespace edgescope::rewrite
