// pair: two operators in a row that come to one or to none. Reshapes to the last shape, transpositions to one or to
// nothing, casts there and back where nothing is lost between, a value dequantised and quantised as it was.
#include <numeric>

#include "rewrite/neighbours.h"
#include "rewrite/patch.h"
#include "rewrite/rewrites.h"

namespace edgescope::rewrite {
namespace {

namespace attr = graph::attr;
using graph::ElementType;
using graph::Kind;
using Ints = std::vector<std::int64_t>;

// Every number of `from` is one of `to`.
bool holds(ElementType to, ElementType from) {
  const auto bits = [](ElementType type) { return graph::element_bits(type); };
  if (from == ElementType::Bool) return true;
  if (graph::is_float(from))
    return graph::is_float(to) && to != ElementType::BFloat16 && from != ElementType::BFloat16 &&
           bits(to) >= bits(from);
  // The significands of the floats: 11, 24 and 53 bits.
  if (to == ElementType::Float16) return bits(from) <= 8;
  if (to == ElementType::Float32) return bits(from) <= 16;
  if (to == ElementType::Float64) return bits(from) <= 32;
  return to == from;
}

bool same_quantization(const graph::Tensor& a, const graph::Tensor& b) {
  return a.quantization && b.quantization && a.type == b.type && a.quantization->scales == b.quantization->scales &&
         a.quantization->zero_points == b.quantization->zero_points;
}

}  // namespace

bool rewrite_pair(graph::Model& model, graph::Subgraph& graph, int index) {
  const Kind kind = graph.operators[static_cast<std::size_t>(index)].kind;
  if (!moves_nothing(kind) && kind != Kind::Transpose && kind != Kind::Cast && kind != Kind::Quantize) return false;
  const auto second = canonical(model, graph, index);
  if (!second || second->inputs.size() != 1 || second->outputs.size() != 1) return false;
  const int middle = second->inputs[0], before = maker(graph, middle);
  if (before < 0) return false;
  const auto first = canonical(model, graph, before);
  if (!first || first->inputs.size() != 1 || first->outputs.size() != 1) return false;
  const int x = first->inputs[0];
  Patch patch(model, graph, index);
  const graph::Tensor& result = patch.tensor(second->outputs[0]);

  if (moves_nothing(kind) && moves_nothing(first->kind)) {
    if (!result.shape.is_static()) return false;
    const int reshaped = patch.add(Kind::Reshape, {x}, {{attr::shape, result.shape.dims}});
    patch.quantize_like(reshaped, second->outputs[0]);
    return patch.finish(reshaped);
  }
  if (kind == Kind::Transpose && first->kind == Kind::Transpose) {
    const Ints inner = graph::get<Ints>(first->attributes, attr::permutation),
               outer = graph::get<Ints>(second->attributes, attr::permutation);
    if (inner.empty() || inner.size() != outer.size()) return false;
    Ints both(outer.size()), none(outer.size());
    std::iota(none.begin(), none.end(), 0);
    for (std::size_t i = 0; i < both.size(); ++i) both[i] = inner[static_cast<std::size_t>(outer[i])];
    if (both == none) return patch.finish(x);
    const int moved = patch.add(Kind::Transpose, {x}, {{attr::permutation, both}});
    patch.quantize_like(moved, second->outputs[0]);
    return patch.finish(moved);
  }
  if (kind == Kind::Cast && first->kind == Kind::Cast) {
    const ElementType from = patch.tensor(x).type;
    return from == result.type && holds(patch.tensor(middle).type, from) && patch.finish(x);
  }
  if (kind == Kind::Quantize && first->kind == Kind::Dequantize)
    return same_quantization(patch.tensor(x), result) && patch.finish(x);
  return false;
}

}  // namespace edgescope::rewrite
