// constant-gather: a choice of places that are known beforehand, which the Edge TPU has no operator for. Places that
// lie side by side are slices, joined again; of channels that are chosen at random, each is the one weight of a 1x1
// convolution's output.
#include "rewrite/constants.h"
#include "rewrite/neighbours.h"
#include "rewrite/patch.h"
#include "rewrite/rewrites.h"

namespace edgescope::rewrite {
namespace {

namespace attr = graph::attr;
using graph::ElementType;
using graph::Kind;
using Ints = std::vector<std::int64_t>;

constexpr std::size_t kMostSlices = 8;

struct Run {
  std::int64_t begin, size;
};

int by_slices(Patch& patch, int x, std::size_t axis, const std::vector<Run>& runs) {
  Ints begin(patch.tensor(x).shape.dims.size(), 0), sizes = patch.tensor(x).shape.dims;
  std::vector<int> parts;
  for (const Run& run : runs) {
    begin[axis] = run.begin;
    sizes[axis] = run.size;
    parts.push_back(patch.add(Kind::Slice, {x}, {{attr::begin, begin}, {attr::sizes, sizes}}));
    patch.quantize_like(parts.back(), x);
  }
  if (parts.size() == 1) return parts[0];
  const int joined = patch.add(Kind::Concatenation, parts, {{attr::axis, static_cast<std::int64_t>(axis)}});
  patch.quantize_like(joined, x);
  return joined;
}

int by_convolution(Patch& patch, int x, const std::vector<double>& places) {
  const graph::Tensor given = patch.tensor(x);
  Ints dims = given.shape.dims;
  const std::int64_t channels = dims.back(), count = static_cast<std::int64_t>(places.size());
  Ints image = dims;
  image.insert(image.begin(), 4 - dims.size(), 1);
  std::vector<std::byte> weights(static_cast<std::size_t>(count * channels));
  for (std::size_t i = 0; i < places.size(); ++i)
    weights[i * static_cast<std::size_t>(channels) + static_cast<std::size_t>(places[i])] = std::byte{1};
  const int filter = patch.constant(ElementType::Int8, {count, 1, 1, channels}, std::move(weights));
  patch.quantize(filter, {.scales = {1}, .zero_points = {0}});
  const int bias = patch.constant(ElementType::Int32, {count}, std::vector<std::byte>(4 * places.size()));
  patch.quantize(bias, {.scales = {given.quantization->scales[0]}, .zero_points = {0}});
  const int from = patch.add(Kind::Reshape, {x}, {{attr::shape, image}});
  patch.quantize_like(from, x);
  const int chosen = patch.add(
      Kind::Convolution, {from, filter, bias},
      {{attr::strides, {1, 1}}, {attr::dilations, {1, 1}}, {attr::padding, "valid"}, {attr::activation, "none"}});
  patch.quantize_like(chosen, x);
  return chosen;
}

}  // namespace

bool rewrite_constant_gather(graph::Model& model, graph::Subgraph& graph, int index) {
  if (graph.operators[static_cast<std::size_t>(index)].kind != Kind::Gather) return false;
  const auto op = canonical(model, graph, index);
  if (!op || graph::get<std::int64_t>(op->attributes, attr::batch_dims) != 0) return false;
  const int x = op->inputs[0], result = op->outputs[0];
  Patch patch(model, graph, index);
  const graph::Tensor& given = patch.tensor(x);
  auto places = constant_numbers(patch.tensor(op->inputs[1]));
  const auto rank = static_cast<std::int64_t>(given.shape.dims.size());
  std::int64_t axis = graph::get<std::int64_t>(op->attributes, attr::axis);
  if (axis < 0) axis += rank;
  if (!places || places->empty() || !given.shape.is_static() || given.constant || axis < 0 || axis >= rank)
    return false;
  const double size = static_cast<double>(given.shape.dims[static_cast<std::size_t>(axis)]);
  std::vector<Run> runs;
  for (double& place : *places) {
    if (place < 0) place += size;
    if (place < 0 || place >= size) return false;
    const auto at = static_cast<std::int64_t>(place);
    if (!runs.empty() && runs.back().begin + runs.back().size == at)
      ++runs.back().size;
    else
      runs.push_back({at, 1});
  }
  const Ints wanted = patch.tensor(result).shape.dims;
  int chosen = 0;
  if (runs.size() <= kMostSlices)
    chosen = by_slices(patch, x, static_cast<std::size_t>(axis), runs);
  else if (axis == rank - 1 && rank <= 4 && given.type == ElementType::Int8 && given.quantization &&
           given.quantization->scales.size() == 1)
    chosen = by_convolution(patch, x, *places);
  else
    return false;
  if (patch.tensor(chosen).shape.dims == wanted) return patch.finish(chosen);
  const int back = patch.add(Kind::Reshape, {chosen}, {{attr::shape, wanted}});
  patch.quantize_like(back, result);
  return patch.finish(back);
}

}  // namespace edgescope::rewrite
