// slice: a strided slice, whatever masks it has, as SLICE and a RESHAPE for dimensions that go; a squeeze that the Edge
// TPU refuses, as a RESHAPE. Steps of k take one of every k that lie side by side: [outer, n k, inner] is
// [outer n, k, inner], and of the middle one is taken.
#include <functional>
#include <numeric>

#include "rewrite/neighbours.h"
#include "rewrite/patch.h"
#include "rewrite/rewrites.h"

namespace edgescope::rewrite {

using graph::Kind;
namespace attr = graph::attr;
using Ints = std::vector<std::int64_t>;

namespace {

std::int64_t product(const Ints& dims, std::size_t from, std::size_t to) {
  return std::accumulate(dims.begin() + static_cast<std::ptrdiff_t>(from),
                         dims.begin() + static_cast<std::ptrdiff_t>(to), std::int64_t{1}, std::multiplies<>());
}

// One axis of `x`: those from `begin` on, `count` of them by steps of k. -1 where there is no room for whole steps.
int every_kth(Patch& patch, int x, std::size_t axis, std::int64_t begin, std::int64_t count, std::int64_t k) {
  Ints dims = patch.tensor(x).shape.dims;
  // The steps' first elements where the last step is whole, else their last ones.
  const std::int64_t place = begin + count * k <= dims[axis] ? 0 : k - 1;
  if (begin < place) return -1;
  const auto step = [&](Kind kind, int from, std::initializer_list<graph::Named> attributes) {
    const int made = patch.add(kind, {from}, attributes);
    patch.quantize_like(made, x);
    return made;
  };
  Ints from(dims.size(), 0), sizes = dims;
  from[axis] = begin - place;
  sizes[axis] = count * k;
  const int whole = sizes == dims ? x : step(Kind::Slice, x, {{attr::begin, from}, {attr::sizes, sizes}});
  const std::int64_t outer = product(dims, 0, axis) * count, inner = product(dims, axis + 1, dims.size());
  const int apart = step(Kind::Reshape, whole, {{attr::shape, {outer, k, inner}}});
  const int taken = step(Kind::Slice, apart, {{attr::begin, {0, place, 0}}, {attr::sizes, {outer, 1, inner}}});
  dims[axis] = count;
  return step(Kind::Reshape, taken, {{attr::shape, dims}});
}

}  // namespace

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
    const Ints strides = graph::get<Ints>(op->attributes, attr::strides);
    const std::size_t rank = patch.tensor(x).shape.dims.size();
    if (begin.size() != rank || end.size() != rank || strides.size() != rank) return false;
    Ints first(rank, 0), sizes = patch.tensor(x).shape.dims;
    for (std::size_t i = 0; i < rank; ++i)
      if (strides[i] == 1) {
        first[i] = begin[i];
        sizes[i] = end[i] - begin[i];
      }
    if (sizes != patch.tensor(x).shape.dims) {
      from = patch.add(Kind::Slice, {x}, {{attr::begin, first}, {attr::sizes, sizes}});
      patch.quantize_like(from, result);
    }
    for (std::size_t i = 0; i < rank; ++i) {
      if (strides[i] == 1) continue;
      sizes[i] = (end[i] - begin[i] + strides[i] - 1) / strides[i];
      from = every_kth(patch, from, i, begin[i], sizes[i], strides[i]);
      if (from < 0) return patch.give_up();
    }
    if (from != x && sizes == dims) return patch.finish(from);
  }
  const int reshaped = patch.add(Kind::Reshape, {from}, {{attr::shape, dims}});
  patch.quantize_like(reshaped, result);
  return patch.finish(reshaped);
}

}  // namespace edgescope::rewrite
