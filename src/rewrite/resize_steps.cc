// resize-steps: one pixel that is enlarged to an image, as the last step of global pooling does in segmentation
// networks. The Edge TPU's compiler refuses a large factor, as interpolation in 8 bits would not be precise enough; of
// one pixel there is nothing to interpolate, so that steps of small factors give the same.
#include <algorithm>

#include "rewrite/neighbours.h"
#include "rewrite/patch.h"
#include "rewrite/rewrites.h"

namespace edgescope::rewrite {

using graph::Kind;
namespace attr = graph::attr;
using Ints = std::vector<std::int64_t>;

bool rewrite_resize_steps(graph::Model& model, graph::Subgraph& graph, int index) {
  constexpr std::int64_t kFactor = 4;  // of which compiled files show that they are taken
  const Kind kind = graph.operators[static_cast<std::size_t>(index)].kind;
  if ((kind != Kind::ResizeBilinear && kind != Kind::ResizeNearest) || model.layout != graph::Layout::ChannelsLast)
    return false;
  const auto op = canonical(model, graph, index);
  if (!op) return false;
  const int x = op->inputs[0];
  Patch patch(model, graph, index);
  const Ints given = patch.tensor(x).shape.dims;
  Ints sizes = graph::get<Ints>(op->attributes, attr::sizes);
  if (given.size() != 4 || given[1] != 1 || given[2] != 1 || sizes.size() != 2) return false;
  std::vector<Ints> steps;  // the last first
  for (; std::max(sizes[0], sizes[1]) > 1;
       sizes = {(sizes[0] + kFactor - 1) / kFactor, (sizes[1] + kFactor - 1) / kFactor})
    steps.push_back(sizes);
  if (steps.size() < 2) return false;
  int at = x;
  for (auto step = steps.rbegin(); step != steps.rend(); ++step) {
    graph::Operator one = *op;
    for (auto& [name, value] : one.attributes)
      if (name == attr::sizes) value = *step;
    at = patch.again(std::move(one), {at});
    patch.quantize_like(at, op->outputs[0]);
  }
  return patch.finish(at);
}

}  // namespace edgescope::rewrite
