// New operators in place of one: what a rewrite does to a graph, all of it or nothing.
//
//   Patch patch(model, graph, index);
//   const int less = patch.add(Kind::Less, {a, b}), equal = patch.add(Kind::Equal, {a, b});
//   return patch.finish(patch.add(Kind::Select, {less, patch.truth(true), equal}));
//
// New operators are in canonical form (graph/canonical.h); their types and shapes follow from their inputs. The
// last one's result takes the place, the name and the type of the old operator's, so that whatever reads it, the
// network's outputs included, is left as it was. Where anything does not fit (an open dimension, another type),
// finish() says no and the graph is unchanged.
#pragma once

#include <initializer_list>
#include <string>
#include <vector>

#include "graph/builder.h"
#include "graph/model.h"

namespace edgescope::rewrite {

class Patch {
 public:
  // In place of operator `index`, which has one result.
  Patch(graph::Model& model, graph::Subgraph& graph, int index);

  int add(graph::Kind kind, std::vector<int> inputs, std::initializer_list<graph::Named> attributes = {});
  // An operator that was there, with other inputs: its kind and attributes are kept.
  int again(graph::Operator op, std::vector<int> inputs);
  int constant(graph::ElementType type, std::vector<std::int64_t> dims, std::vector<std::byte> data);
  // One number of a tensor's own type, to be broadcast against it.
  int number(double value, graph::ElementType type);
  int truth(bool value);
  int cast(int tensor, graph::ElementType to) { return add(graph::Kind::Cast, {tensor}, {{graph::attr::to, to}}); }
  // The quantisation of a new result.
  void quantize_like(int tensor, int other);
  void quantize(int tensor, graph::Quantization quantization);

  const graph::Tensor& tensor(int index) const;

  // `result` stands for the old operator's result from now on. It may be one that was there before: then whatever
  // read the old one reads it.
  bool finish(int result);
  // Leaves the graph as it was: a rewrite that found out too late.
  bool give_up();

 private:
  graph::Model& model_;
  graph::Subgraph& graph_;
  int index_;
  std::size_t tensors_before_, owned_before_;
  std::vector<graph::Operator> operators_;
  bool fits_ = true;
};

}  // namespace edgescope::rewrite
