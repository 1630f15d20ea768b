// channel-mean: a mean over the channels, which the Edge TPU's compiler refuses where they are no multiple of 4, as a
// 1x1 convolution whose weights are all the same.
#include "rewrite/channel_mean.h"
#include "rewrite/neighbours.h"
#include "rewrite/rewrites.h"

namespace edgescope::rewrite {

namespace attr = graph::attr;
using graph::ElementType;
using graph::Kind;
using Ints = std::vector<std::int64_t>;

std::optional<int> mean_over_channels(Patch& patch, int x, int like) {
  const graph::Tensor given = patch.tensor(x), wanted = patch.tensor(like);
  const std::size_t rank = given.shape.dims.size();
  if (rank < 1 || rank > 4 || given.type != ElementType::Int8 || wanted.type != ElementType::Int8 ||
      !given.quantization || !wanted.quantization || given.quantization->scales.size() != 1)
    return std::nullopt;
  Ints spatial = given.shape.dims;
  const std::int64_t channels = spatial.back();
  spatial.insert(spatial.begin(), 4 - rank, 1);
  int from = x;
  if (rank < 4) {
    from = patch.add(Kind::Reshape, {x}, {{attr::shape, spatial}});
    patch.quantize_like(from, x);
  }
  const float share = 1.0f / (127 * static_cast<float>(channels));
  const int filter = patch.constant(ElementType::Int8, {1, 1, 1, channels},
                                    std::vector<std::byte>(static_cast<std::size_t>(channels), std::byte{127}));
  patch.quantize(filter, {.scales = {share}, .zero_points = {0}});
  const int bias = patch.constant(ElementType::Int32, {1}, std::vector<std::byte>(sizeof(std::int32_t)));
  patch.quantize(bias, {.scales = {share * given.quantization->scales[0]}, .zero_points = {0}});
  const int averaged = patch.add(
      Kind::Convolution, {from, filter, bias},
      {{attr::strides, {1, 1}}, {attr::dilations, {1, 1}}, {attr::padding, "valid"}, {attr::activation, "none"}});
  patch.quantize_like(averaged, like);
  return averaged;
}

bool rewrite_channel_mean(graph::Model& model, graph::Subgraph& graph, int index) {
  if (graph.operators[static_cast<std::size_t>(index)].kind != Kind::ReduceMean ||
      model.layout != graph::Layout::ChannelsLast)
    return false;
  const auto op = canonical(model, graph, index);
  if (!op) return false;
  const int x = op->inputs[0], result = op->outputs[0];
  Patch patch(model, graph, index);
  const auto rank = static_cast<std::int64_t>(patch.tensor(x).shape.dims.size());
  const Ints wanted = patch.tensor(result).shape.dims, axes = graph::get<Ints>(op->attributes, attr::axes);
  if (axes.size() != 1 || rank < 2 || (axes[0] != rank - 1 && axes[0] != -1)) return false;
  const auto averaged = mean_over_channels(patch, x, result);
  if (!averaged) return false;
  if (patch.tensor(*averaged).shape.dims == wanted) return patch.finish(*averaged);
  const int back = patch.add(Kind::Reshape, {*averaged}, {{attr::shape, wanted}});
  patch.quantize_like(back, result);
  return patch.finish(back);
}

}  // namespace edgescope::rewrite
