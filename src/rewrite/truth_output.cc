// truth-output: truth values that leave the network become floats on the NCS2, which And and Not cannot write. The
// comparison that can comes last: x is Equal(float(x), 1), a and b is Equal(float(a) + float(b), 2).
#include <algorithm>

#include "rewrite/patch.h"
#include "rewrite/rewrites.h"

namespace edgescope::rewrite {

using graph::ElementType;
using graph::Kind;

bool rewrite_truth_output(graph::Model& model, graph::Subgraph& graph, int index) {
  const graph::Operator& op = graph.operators[static_cast<std::size_t>(index)];
  if (op.outputs.size() != 1 ||
      std::find(graph.outputs.begin(), graph.outputs.end(), op.outputs[0]) == graph.outputs.end())
    return false;
  const std::vector<int> inputs = op.inputs;
  const Kind kind = op.kind;
  Patch patch(model, graph, index);
  const auto real = [&](int truth) { return patch.cast(truth, ElementType::Float32); };
  const auto equals = [&](int x, double value) {
    return patch.finish(patch.add(Kind::Equal, {x, patch.number(value, ElementType::Float32)}));
  };
  switch (kind) {
    case Kind::LogicalNot:
      return equals(real(inputs[0]), 0);
    case Kind::LogicalOr:
      return patch.finish(patch.add(Kind::Greater, {patch.add(Kind::Add, {real(inputs[0]), real(inputs[1])}),
                                                    patch.number(0, ElementType::Float32)}));
    case Kind::LogicalXor:
      return equals(patch.add(Kind::Add, {real(inputs[0]), real(inputs[1])}), 1);
    case Kind::LogicalAnd:
      return equals(patch.add(Kind::Add, {real(inputs[0]), real(inputs[1])}), 2);
    case Kind::Less:
    case Kind::Greater:
    case Kind::Equal:
    case Kind::GreaterEqual:
    case Kind::LessEqual:
    case Kind::NotEqual:
      // Of integers: on the device 32-bit ones are compared, and the truth of that is made a float.
      if (graph::is_float(patch.tensor(inputs[0]).type)) return false;
      return equals(real(patch.add(kind, inputs)), 1);
    default:
      return false;
  }
}

}  // namespace edgescope::rewrite
