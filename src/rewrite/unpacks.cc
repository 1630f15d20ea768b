// unpack: a tensor taken apart along an axis (UNPACK), or into parts of different sizes (SPLIT_V), which the Edge TPU
// has no operators for, as a slice for each part, reshaped where a dimension goes.
#include "graph/canonical.h"
#include "rewrite/neighbours.h"
#include "rewrite/rewrites.h"

namespace edgescope::rewrite {
namespace {

namespace attr = graph::attr;
using graph::Kind;
using graph::Operator;
using Ints = std::vector<std::int64_t>;

Operator slice(const Operator& op, int x, int result, const Ints& begin, const Ints& sizes) {
  return {.kind = Kind::Slice,
          .name = op.name,
          .inputs = {x},
          .outputs = {result},
          .attributes = {{std::string(attr::begin), begin}, {std::string(attr::sizes), sizes}}};
}

}  // namespace

bool rewrite_unpack(graph::Model& model, graph::Subgraph& graph, int index) {
  const Kind kind = graph.operators[static_cast<std::size_t>(index)].kind;
  if (kind != Kind::Unpack && kind != Kind::Split) return false;
  const auto op = canonical(model, graph, index);
  if (!op) return false;
  const int x = op->inputs[0];
  const Ints dims = graph.tensors[static_cast<std::size_t>(x)].shape.dims;
  std::int64_t axis = graph::get<std::int64_t>(op->attributes, attr::axis);
  if (axis < 0) axis += static_cast<std::int64_t>(dims.size());
  if (axis < 0 || axis >= static_cast<std::int64_t>(dims.size())) return false;
  const auto along = static_cast<std::size_t>(axis);
  const Ints parts = kind == Kind::Split ? graph::get<Ints>(op->attributes, attr::sizes) : Ints(op->outputs.size(), 1);
  if (parts.size() != op->outputs.size()) return false;
  std::vector<Operator> made;
  Ints begin(dims.size(), 0), sizes = dims;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    sizes[along] = parts[i];
    const int result = op->outputs[i];
    if (result >= 0 && kind == Kind::Split) made.push_back(slice(*op, x, result, begin, sizes));
    if (result >= 0 && kind == Kind::Unpack) {
      graph::Tensor part = graph.tensors[static_cast<std::size_t>(result)];
      const Ints shape = part.shape.dims;
      part.name += "/part";
      part.shape.dims = sizes;
      graph.tensors.push_back(std::move(part));
      const int taken = static_cast<int>(graph.tensors.size()) - 1;
      made.push_back(slice(*op, x, taken, begin, sizes));
      made.push_back({.kind = Kind::Reshape,
                      .name = op->name,
                      .inputs = {taken},
                      .outputs = {result},
                      .attributes = {{std::string(attr::shape), shape}}});
    }
    begin[along] += parts[i];
  }
  auto& operators = graph.operators;
  operators.insert(operators.erase(operators.begin() + index), std::make_move_iterator(made.begin()),
                   std::make_move_iterator(made.end()));
  return true;
}

}  // namespace edgescope::rewrite
