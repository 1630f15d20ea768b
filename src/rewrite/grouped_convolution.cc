// grouped-convolution: a convolution whose groups of channels do not see each other, in a version of the operator that
// the Edge TPU's compiler does not know, as one convolution a group between slices and a concatenation.
#include "rewrite/neighbours.h"
#include "rewrite/patch.h"
#include "rewrite/rewrites.h"

namespace edgescope::rewrite {
namespace {

namespace attr = graph::attr;
using graph::Kind;
using Ints = std::vector<std::int64_t>;

// Of several scales those of channels [begin, begin + count).
graph::Quantization part_of(graph::Quantization scales, std::size_t begin, std::size_t count) {
  const auto cut = [&](auto& list) {
    if (list.size() <= 1) return;
    list.erase(list.begin(), list.begin() + static_cast<std::ptrdiff_t>(begin));
    list.resize(count);
  };
  cut(scales.scales);
  cut(scales.zero_points);
  return scales;
}

// Channels [begin, begin + count) of a constant whose first dimension they are.
int part(Patch& patch, int constant, std::int64_t begin, std::int64_t count) {
  const graph::Tensor all = patch.tensor(constant);
  Ints dims = all.shape.dims;
  const std::size_t bytes = all.data.size() / static_cast<std::size_t>(dims[0]);
  const auto from = all.data.subspan(static_cast<std::size_t>(begin) * bytes, static_cast<std::size_t>(count) * bytes);
  dims[0] = count;
  const int made = patch.constant(all.type, dims, {from.begin(), from.end()});
  if (all.quantization)
    patch.quantize(made, part_of(*all.quantization, static_cast<std::size_t>(begin), static_cast<std::size_t>(count)));
  return made;
}

}  // namespace

bool rewrite_grouped_convolution(graph::Model& model, graph::Subgraph& graph, int index) {
  constexpr std::int64_t kMostGroups = 16;
  if (graph.operators[static_cast<std::size_t>(index)].kind != Kind::Convolution ||
      model.layout != graph::Layout::ChannelsLast)
    return false;
  const auto op = canonical(model, graph, index);
  if (!op || op->inputs.size() < 2) return false;
  const std::int64_t groups = graph::get<std::int64_t>(op->attributes, attr::groups, 1);
  const int x = op->inputs[0], w = op->inputs[1], bias = op->inputs.size() > 2 ? op->inputs[2] : -1;
  const int result = op->outputs[0];
  Patch patch(model, graph, index);
  const graph::Tensor& weights = patch.tensor(w);
  const Ints dims = patch.tensor(x).shape.dims;
  if (groups < 2 || groups > kMostGroups || dims.size() != 4 || weights.sparse ||
      weights.encoding != graph::Encoding::Raw || !weights.constant || (bias >= 0 && !patch.tensor(bias).constant))
    return false;
  const std::int64_t in = dims[3] / groups, out = weights.shape.dims[0] / groups;
  graph::Operator one = *op;
  std::erase_if(one.attributes, [](const auto& a) { return a.first == attr::groups; });
  std::vector<int> parts;
  for (std::int64_t group = 0; group < groups; ++group) {
    const int taken = patch.add(Kind::Slice, {x},
                                {{attr::begin, {0, 0, 0, group * in}}, {attr::sizes, {dims[0], dims[1], dims[2], in}}});
    patch.quantize_like(taken, x);
    std::vector<int> inputs = {taken, part(patch, w, group * out, out)};
    if (bias >= 0) inputs.push_back(part(patch, bias, group * out, out));
    parts.push_back(patch.again(one, inputs));
    patch.quantize_like(parts.back(), result);
  }
  const int joined = patch.add(Kind::Concatenation, parts, {{attr::axis, 3}});
  patch.quantize_like(joined, result);
  return patch.finish(joined);
}

}  // namespace edgescope::rewrite
