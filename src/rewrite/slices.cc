// slice: a strided slice by steps of 1, whatever masks it has, as SLICE and a RESHAPE for dimensions that go; a
// squeeze that the Edge TPU refuses, as a RESHAPE.
#include "rewrite/neighbours.h"
#include "rewrite/patch.h"
#include "rewrite/rewrites.h"

namespace edgescope::rewrite {

using graph::Kind;
namespace attr = graph::attr;
using Ints = std::vector<std::int64_t>;

bool rewrite_slice(graph::Model& model, graph::Subgraph& graph, int index) {
  const Kind kind = graph.operators[static_cast<std::size_t>(index)].kind;
  if (kind != Kind::StridedSlice && kind != Kind::Squeeze && kind != Kind::Unsqueeze) return false;
  const auto op = canonical(model, graph, index);
  if (!op) return false;
  const int x = op->inputs[0], result = op->outputs[0];
  Patch patch(model, graph, index);
  const Ints dims = patch.tensor(result).shape.dims;
  if (!patch.tensor(result).shape.is_static()) return false;
  int from = x;
  if (op->kind == Kind::StridedSlice) {
    const Ints begin = graph::get<Ints>(op->attributes, attr::begin), end = graph::get<Ints>(op->attributes, attr::end);
    for (const std::int64_t stride : graph::get<Ints>(op->attributes, attr::strides))
      if (stride != 1) return false;
    if (begin.size() != end.size() || begin.size() != patch.tensor(x).shape.dims.size()) return false;
    Ints sizes(begin.size());
    for (std::size_t i = 0; i < sizes.size(); ++i) sizes[i] = end[i] - begin[i];
    from = patch.add(Kind::Slice, {x}, {{attr::begin, begin}, {attr::sizes, sizes}});
    patch.quantize_like(from, result);
    if (sizes == dims) return patch.finish(from);
  }
  const int reshaped = patch.add(Kind::Reshape, {from}, {{attr::shape, dims}});
  patch.quantize_like(reshaped, result);
  return patch.finish(reshaped);
}

}  // namespace edgescope::rewrite
