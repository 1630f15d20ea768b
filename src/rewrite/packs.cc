// pack: tensors put side by side along a new axis, which makes a dimension more than the Edge TPU has, as a
// concatenation between reshapes. Of [outer, inner] each, n of them lie as [outer, n inner] does. A reshape that
// follows, as in an image that is enlarged by repeating it, is the last of them.
#include <functional>
#include <numeric>

#include "rewrite/neighbours.h"
#include "rewrite/patch.h"
#include "rewrite/rewrites.h"

namespace edgescope::rewrite {
namespace {

namespace attr = graph::attr;
using graph::Kind;
using Ints = std::vector<std::int64_t>;

bool fits_device(const Ints& dims) {
  for (std::size_t i = 0; i + 3 < dims.size(); ++i)
    if (dims[i] != 1) return false;
  return true;
}

}  // namespace

bool rewrite_pack(graph::Model& model, graph::Subgraph& graph, int index) {
  const Kind kind = graph.operators[static_cast<std::size_t>(index)].kind;
  const bool itself = kind == Kind::Pack;
  if (!itself && kind != Kind::Reshape) return false;
  const auto op = canonical(model, graph, index);
  if (!op) return false;
  int at = index;
  if (!itself) {
    at = maker(graph, op->inputs[0]);
    if (at < 0 || graph.operators[static_cast<std::size_t>(at)].kind != Kind::Pack ||
        only_reader(graph, op->inputs[0]) != index)
      return false;
  }
  const auto pack = canonical(model, graph, at);
  if (!pack) return false;
  const int result = op->outputs[0];
  Patch patch(model, graph, index);
  const Ints dims = patch.tensor(pack->inputs[0]).shape.dims, packed = patch.tensor(pack->outputs[0]).shape.dims;
  const Ints wanted = patch.tensor(result).shape.dims;
  if (!fits_device(wanted)) return false;
  std::int64_t axis = graph::get<std::int64_t>(pack->attributes, attr::axis);
  if (axis < 0) axis += static_cast<std::int64_t>(packed.size());
  const auto border = dims.begin() + axis;
  const std::int64_t outer = std::accumulate(dims.begin(), border, std::int64_t{1}, std::multiplies<>()),
                     inner = std::accumulate(border, dims.end(), std::int64_t{1}, std::multiplies<>());
  std::vector<int> parts;
  for (const int input : pack->inputs) {
    parts.push_back(patch.add(Kind::Reshape, {input}, {{attr::shape, {1, outer, inner}}}));
    patch.quantize_like(parts.back(), input);
  }
  const int joined = patch.add(Kind::Concatenation, parts, {{attr::axis, 2}});
  patch.quantize_like(joined, result);
  const int back = patch.add(Kind::Reshape, {joined}, {{attr::shape, wanted}});
  patch.quantize_like(back, result);
  return patch.finish(back);
}

}  // namespace edgescope::rewrite
