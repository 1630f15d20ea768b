// batch-to-width: a fully connected layer that the Edge TPU's compiler refuses, as a 1x1 convolution with the rows as
// the width. It refuses results of several rows, and the whole network where weights are scaled by channel, which
// today's converters do: convolutions may be.
#include <functional>
#include <numeric>

#include "rewrite/neighbours.h"
#include "rewrite/patch.h"
#include "rewrite/rewrites.h"

namespace edgescope::rewrite {

using graph::Kind;
namespace attr = graph::attr;

bool rewrite_batch_to_width(graph::Model& model, graph::Subgraph& graph, int index) {
  if (graph.operators[static_cast<std::size_t>(index)].kind != Kind::FullyConnected ||
      model.layout != graph::Layout::ChannelsLast)
    return false;
  const auto op = canonical(model, graph, index);
  if (!op || op->inputs.size() < 2) return false;
  const int x = op->inputs[0], weights = op->inputs[1], result = op->outputs[0];
  Patch patch(model, graph, index);
  const graph::Tensor w = patch.tensor(weights);
  const auto wanted = patch.tensor(result).shape.dims;
  if (!w.constant || !w.quantization || w.sparse || w.encoding != graph::Encoding::Raw || wanted.empty()) return false;
  const std::int64_t outputs = w.shape.dims[0], inputs = w.shape.dims[1];
  const std::int64_t rows = std::accumulate(wanted.begin(), wanted.end() - 1, std::int64_t{1}, std::multiplies<>());
  if (rows < 2 && !w.quantization->per_channel()) return false;
  const int wide = patch.add(Kind::Reshape, {x}, {{attr::shape, {1, 1, rows, inputs}}});
  patch.quantize_like(wide, x);
  const int filter = patch.constant(w.type, {outputs, 1, 1, inputs}, {w.data.begin(), w.data.end()});
  patch.quantize_like(filter, weights);
  std::vector<int> all = {wide, filter};
  if (op->inputs.size() > 2 && op->inputs[2] >= 0) {
    all.push_back(op->inputs[2]);
  } else {  // which the layer may lack and a quantised convolution may not
    if (!patch.tensor(x).quantization) return false;
    all.push_back(patch.constant(graph::ElementType::Int32, {outputs},
                                 std::vector<std::byte>(static_cast<std::size_t>(outputs) * sizeof(std::int32_t))));
    graph::Quantization sums = *w.quantization;
    for (float& scale : sums.scales) scale *= patch.tensor(x).quantization->scales.at(0);
    sums.zero_points.assign(1, 0);
    sums.axis = 0;
    patch.quantize(all.back(), std::move(sums));
  }
  const int convolved =
      patch.add(Kind::Convolution, all,
                {{attr::strides, {1, 1}},
                 {attr::dilations, {1, 1}},
                 {attr::padding, "valid"},
                 {attr::activation, graph::get<std::string>(op->attributes, attr::activation, "none")}});
  patch.quantize_like(convolved, result);
  const int back = patch.add(Kind::Reshape, {convolved}, {{attr::shape, wanted}});
  patch.quantize_like(back, result);
  return patch.finish(back);
}

}  // namespace edgescope::rewrite
