// copies: a tensor that is repeated along axes, which the Edge TPU has no operator for, as concatenations of itself.
#include "rewrite/neighbours.h"
#include "rewrite/patch.h"
#include "rewrite/rewrites.h"

namespace edgescope::rewrite {

using graph::Kind;
namespace attr = graph::attr;
using Ints = std::vector<std::int64_t>;

bool rewrite_copies(graph::Model& model, graph::Subgraph& graph, int index) {
  constexpr std::int64_t kMostCopies = 16;
  const Kind kind = graph.operators[static_cast<std::size_t>(index)].kind;
  if (kind != Kind::Tile && kind != Kind::Expand) return false;
  const auto op = canonical(model, graph, index);
  if (!op) return false;
  const int x = op->inputs[0], result = op->outputs[0];
  Patch patch(model, graph, index);
  const Ints wanted = patch.tensor(result).shape.dims;
  if (!patch.tensor(x).shape.is_static()) return false;
  Ints dims = patch.tensor(x).shape.dims;
  int at = x;
  if (dims.size() < wanted.size()) {  // of a broadcast: new dimensions come first
    dims.insert(dims.begin(), wanted.size() - dims.size(), 1);
    at = patch.add(Kind::Reshape, {x}, {{attr::shape, dims}});
    patch.quantize_like(at, x);
  }
  if (dims.size() != wanted.size()) return patch.give_up();
  for (std::size_t axis = 0; axis < dims.size(); ++axis) {
    const std::int64_t times = dims[axis] > 0 ? wanted[axis] / dims[axis] : 0;
    if (times < 1 || times > kMostCopies) return patch.give_up();
    if (times == 1) continue;
    at = patch.add(Kind::Concatenation, std::vector<int>(static_cast<std::size_t>(times), at),
                   {{attr::axis, static_cast<std::int64_t>(axis)}});
    patch.quantize_like(at, x);
  }
  return patch.finish(at);
}

}  // namespace edgescope::rewrite
