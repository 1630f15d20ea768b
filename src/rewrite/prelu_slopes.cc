// prelu-slopes: slopes given for every place, which the Edge TPU refuses, as one a channel where all places have
// the same.
#include <cstring>

#include "rewrite/neighbours.h"
#include "rewrite/patch.h"
#include "rewrite/rewrites.h"

namespace edgescope::rewrite {

bool rewrite_prelu_slopes(graph::Model& model, graph::Subgraph& graph, int index) {
  if (graph.operators[static_cast<std::size_t>(index)].kind != graph::Kind::Prelu ||
      model.layout != graph::Layout::ChannelsLast)
    return false;
  const auto op = canonical(model, graph, index);
  if (!op || op->inputs.size() != 2) return false;
  const graph::Tensor& slopes = graph.tensors[static_cast<std::size_t>(op->inputs[1])];
  const auto bytes = graph::packed_bytes(slopes.type, 1);
  if (!slopes.constant || slopes.sparse || slopes.encoding != graph::Encoding::Raw || slopes.shape.dims.size() < 2 ||
      !bytes || *bytes == 0 || (slopes.quantization && slopes.quantization->per_channel()))
    return false;
  const std::size_t row = static_cast<std::size_t>(slopes.shape.dims.back()) * *bytes;
  if (row == 0 || slopes.data.size() % row != 0) return false;
  for (std::size_t at = row; at < slopes.data.size(); at += row)
    if (std::memcmp(slopes.data.data(), slopes.data.data() + at, row) != 0) return false;
  const int result = op->outputs[0], old = op->inputs[1];
  const std::vector<std::byte> shared(slopes.data.begin(), slopes.data.begin() + static_cast<std::ptrdiff_t>(row));
  Patch patch(model, graph, index);
  const int one = patch.constant(patch.tensor(old).type, {patch.tensor(old).shape.dims.back()}, shared);
  patch.quantize_like(one, old);
  const int bent = patch.add(graph::Kind::Prelu, {op->inputs[0], one});
  patch.quantize_like(bent, result);
  return patch.finish(bent);
}

}  // namespace edgescope::rewrite
