// What the three formats' writers share where they turn operators in canonical form into their own: the shorthands in
// which that is said.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "graph/emitter.h"

namespace edgescope::graph {

class Lowering {
 protected:
  using Ints = std::vector<std::int64_t>;

  Lowering(Model& model, Subgraph& graph) : graph_(graph), emitter_(model, graph) {}

  const Tensor& input(const Operator& op, std::size_t i) const { return emitter_.tensor(op.inputs[i]); }
  const Tensor& output(const Operator& op) const { return emitter_.tensor(op.outputs[0]); }
  std::size_t rank(const Operator& op) const { return input(op, 0).shape.dims.size(); }
  static Ints ints(const Operator& op, std::string_view name) { return get<Ints>(op.attributes, name); }

  // The axis counted from the front, which is what older operators take.
  std::int64_t axis(const Operator& op, std::int64_t otherwise = 0) const {
    const auto value = get<std::int64_t>(op.attributes, attr::axis, otherwise);
    return value < 0 ? value + static_cast<std::int64_t>(rank(op)) : value;
  }

  static Attributes with(std::initializer_list<std::pair<std::string_view, Attribute>> list) {
    Attributes attributes;
    for (const auto& [name, value] : list) attributes.emplace_back(name, value);
    return attributes;
  }

  // A new tensor takes the place of the operator's result, for another operator to read.
  int between(Operator& op, std::string_view suffix) {
    const int middle = emitter_.result(output(op).type, output(op).shape.dims, output(op).name + std::string(suffix));
    emitter_.tensor(middle).quantization = output(op).quantization;
    op.outputs = {middle};
    op.name = emitter_.tensor(middle).name;
    return middle;
  }

  Subgraph& graph_;
  Emitter emitter_;
};

}  // namespace edgescope::graph
