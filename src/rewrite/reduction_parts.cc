// reduction-parts: a mean, sum, largest or smallest over the batch, over images of a batch, or over channels together
// with others, which the Edge TPU's compiler refuses, as one reduction for each run of axes that lie side by side. The
// run is the middle of three dimensions, or the last where nothing lies behind it.
#include <algorithm>
#include <functional>
#include <numeric>

#include "rewrite/channel_mean.h"
#include "rewrite/neighbours.h"
#include "rewrite/patch.h"
#include "rewrite/rewrites.h"

namespace edgescope::rewrite {
namespace {

namespace attr = graph::attr;
using graph::Kind;
using Ints = std::vector<std::int64_t>;

constexpr std::size_t kDeviceRank = 3;  // y, x, z; the batch is outside

// Axes [begin, end) that lie side by side.
struct Run {
  std::size_t begin, end;
};

std::vector<Run> runs_of(const Ints& axes, std::size_t rank) {
  std::vector<bool> reduced(rank, false);
  for (const std::int64_t axis : axes) {
    const std::int64_t from_front = axis < 0 ? axis + static_cast<std::int64_t>(rank) : axis;
    if (from_front >= 0 && from_front < static_cast<std::int64_t>(rank))
      reduced[static_cast<std::size_t>(from_front)] = true;
  }
  std::vector<Run> runs;
  for (std::size_t i = 0; i < rank; ++i) {
    if (!reduced[i]) continue;
    if (i > 0 && reduced[i - 1])
      ++runs.back().end;
    else
      runs.push_back({i, i + 1});
  }
  return runs;
}

}  // namespace

bool rewrite_reduction_parts(graph::Model& model, graph::Subgraph& graph, int index) {
  const Kind kind = graph.operators[static_cast<std::size_t>(index)].kind;
  if (kind != Kind::ReduceMean && kind != Kind::ReduceSum && kind != Kind::ReduceMax && kind != Kind::ReduceMin)
    return false;
  const auto op = canonical(model, graph, index);
  if (!op) return false;
  const int x = op->inputs[0], result = op->outputs[0];
  Patch patch(model, graph, index);
  const graph::Tensor given = patch.tensor(x);
  const Ints wanted = patch.tensor(result).shape.dims;
  if (!given.shape.is_static() || !given.quantization || graph::element_bits(given.type) != 8) return false;
  Ints dims = given.shape.dims;
  std::vector<Run> runs = runs_of(graph::get<Ints>(op->attributes, attr::axes), dims.size());
  if (runs.empty() || (runs.size() == 1 && runs[0].end == dims.size() && runs[0].begin + 1 < runs[0].end)) {
    // All that lies behind some axis: the channels are a part of their own, of which there may be too many to divide.
    if (runs.empty()) return false;
    runs = {{runs[0].begin, dims.size() - 1}, {dims.size() - 1, dims.size()}};
  }
  // The sum of sums would be rounded to coarser steps than the result's.
  if ((kind == Kind::ReduceSum && runs.size() > 1) || (runs.size() == 1 && dims.size() <= kDeviceRank)) return false;
  const auto product = [&dims](std::size_t from, std::size_t to) {
    return std::accumulate(dims.begin() + static_cast<std::ptrdiff_t>(from),
                           dims.begin() + static_cast<std::ptrdiff_t>(to), std::int64_t{1}, std::multiplies<>());
  };
  // What only shaped it so is not needed for the first part, and would have the dimensions that are refused.
  int at = x;
  for (int made = maker(graph, at); made >= 0; made = maker(graph, at)) {
    const graph::Operator& before = graph.operators[static_cast<std::size_t>(made)];
    if (!moves_nothing(before.kind)) break;
    at = before.inputs[0];
  }
  for (std::size_t i = 0; i < runs.size(); ++i) {
    const auto [begin, end] = runs[i];
    const bool last = end == dims.size();
    const std::int64_t outer = product(0, begin), many = product(begin, end);
    const Ints shape = last ? Ints{1, outer, many} : Ints{outer, many, product(end, dims.size())};
    at = patch.add(Kind::Reshape, {at}, {{attr::shape, shape}});
    patch.quantize_like(at, x);
    const int like = i + 1 == runs.size() ? result : x;
    if (kind == Kind::ReduceMean && last && many % 4 != 0) {  // which it refuses, too
      const auto averaged = mean_over_channels(patch, at, like);
      if (!averaged) return patch.give_up();
      at = *averaged;
    } else {
      at = patch.add(kind, {at}, {{attr::axes, {last ? 2 : 1}}, {attr::keep_dims, true}});
      patch.quantize_like(at, like);
    }
    for (std::size_t axis = begin; axis < end; ++axis) dims[axis] = 1;
  }
  at = patch.add(Kind::Reshape, {at}, {{attr::shape, wanted}});
  patch.quantize_like(at, result);
  return patch.finish(at);
}

}  // namespace edgescope::rewrite
