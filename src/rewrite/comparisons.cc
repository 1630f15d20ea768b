// less-equal: a <= b, a >= b and a != b, which the NCS2's compiler refuses where another operator reads the result.
//
//   a <= b  is  Select(a < b, true, a = b), a >= b is Select(a > b, true, a = b), a != b is Not(a = b)
//
// All of these are what they were for NaN too, which the shorter Not(a > b) is not. Of integers, whose only
// comparisons on the device are >= and =, a < b is Not(a >= b) and a <= b is b >= a.
#include "rewrite/patch.h"
#include "rewrite/rewrites.h"

namespace edgescope::rewrite {

using graph::Kind;

bool rewrite_comparison(graph::Model& model, graph::Subgraph& graph, int index) {
  const graph::Operator& op = graph.operators[static_cast<std::size_t>(index)];
  if (op.inputs.size() != 2) return false;
  const int a = op.inputs[0], b = op.inputs[1];
  const Kind kind = op.kind;
  Patch patch(model, graph, index);
  const bool floats = graph::is_float(patch.tensor(a).type);
  const auto no = [&](int truth) { return patch.add(Kind::LogicalNot, {truth}); };
  // a = b, or as the other comparison says.
  const auto or_equal = [&](Kind other) {
    const int strictly = patch.add(other, {a, b});
    const int equal = patch.add(Kind::Equal, {a, b});
    return patch.add(Kind::Select, {strictly, patch.truth(true), equal});
  };
  switch (kind) {
    case Kind::NotEqual:
      return patch.finish(no(patch.add(Kind::Equal, {a, b})));
    case Kind::LessEqual:
      if (!floats) return patch.finish(patch.add(Kind::GreaterEqual, {b, a}));
      return patch.finish(or_equal(Kind::Less));
    case Kind::GreaterEqual:
      if (!floats) return false;
      return patch.finish(or_equal(Kind::Greater));
    case Kind::Less:
      return !floats && patch.finish(no(patch.add(Kind::GreaterEqual, {a, b})));
    case Kind::Greater:
      return !floats && patch.finish(no(patch.add(Kind::GreaterEqual, {b, a})));
    default:
      return false;
  }
}

}  // namespace edgescope::rewrite
