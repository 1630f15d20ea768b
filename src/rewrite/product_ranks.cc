// product-ranks: a matrix product of operands of different ranks, of which QueryNetwork says that it does not compile,
// as one of equal ranks. A list on the left is a row, on the right a column; matrices of fewer batches get batches
// of 1.
#include <algorithm>

#include "rewrite/patch.h"
#include "rewrite/rewrites.h"

namespace edgescope::rewrite {

using graph::Kind;
namespace attr = graph::attr;
using Ints = std::vector<std::int64_t>;

bool rewrite_product_ranks(graph::Model& model, graph::Subgraph& graph, int index) {
  // Lists have no canonical form.
  const graph::Operator op = graph.operators[static_cast<std::size_t>(index)];
  if (op.kind != Kind::Matmul || op.inputs.size() != 2) return false;
  Patch patch(model, graph, index);
  Ints left = patch.tensor(op.inputs[0]).shape.dims, right = patch.tensor(op.inputs[1]).shape.dims;
  const Ints wanted = patch.tensor(op.outputs[0]).shape.dims;
  if (left.empty() || right.empty() || (left.size() == right.size() && left.size() > 1)) return false;
  if (wanted.empty()) return false;  // the plugin takes no list of no dimensions to reshape to
  // Of a list there is nothing to turn.
  bool turn_a = graph::get<bool>(op.attributes, attr::transpose_a),
       turn_b = graph::get<bool>(op.attributes, attr::transpose_b);
  if (left.size() == 1) {
    left.insert(left.begin(), 1);
    turn_a = false;
  }
  if (right.size() == 1) {
    right.push_back(1);
    turn_b = false;
  }
  const std::size_t rank = std::max(left.size(), right.size());
  left.insert(left.begin(), rank - left.size(), 1);
  right.insert(right.begin(), rank - right.size(), 1);
  const auto shaped = [&](int tensor, const Ints& dims) {
    return patch.tensor(tensor).shape.dims == dims ? tensor : patch.add(Kind::Reshape, {tensor}, {{attr::shape, dims}});
  };
  const int made = patch.add(Kind::Matmul, {shaped(op.inputs[0], left), shaped(op.inputs[1], right)},
                             {{attr::transpose_a, turn_a}, {attr::transpose_b, turn_b}});
  return patch.finish(shaped(made, wanted));
}

}  // namespace edgescope::rewrite
