// What the formats share when they say their own operators in canonical form (graph/canonical.h): the way back from
// what their writers do.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "graph/canonical.h"
#include "graph/model.h"

namespace edgescope::graph {

// The elements of a constant of 32- or 64-bit integers; nothing where it is none.
std::optional<std::vector<std::int64_t>> integers(const Tensor& tensor);

// One number of a constant of floats (f32, f16) or integers with one element.
std::optional<double> number(const Tensor& tensor);

class Raising {
 public:
  explicit Raising(Subgraph& graph) : graph_(graph) {}

  Tensor& tensor(int index) { return graph_.tensors[static_cast<std::size_t>(index)]; }
  const Tensor* input(const Operator& op, std::size_t i) const {
    return i < op.inputs.size() && op.inputs[i] >= 0 ? &graph_.tensors[static_cast<std::size_t>(op.inputs[i])]
                                                     : nullptr;
  }
  const std::vector<std::int64_t>& output_dims(const Operator& op, std::size_t i = 0) const {
    return graph_.tensors[static_cast<std::size_t>(op.outputs[i])].shape.dims;
  }
  // All shapes are static: canonical operators know what they make.
  bool is_static(const Operator& op) const;

  std::optional<std::vector<std::int64_t>> ints(const Operator& op, std::size_t i) const {
    const Tensor* its = input(op, i);
    return its != nullptr ? integers(*its) : std::nullopt;
  }

  // The same constant under another shape; nothing where it is no constant.
  std::optional<int> reshaped(int index, std::vector<std::int64_t> dims);

  // The operator in canonical form: of this kind, with its first `inputs` inputs and these attributes.
  static void set(Operator& op, Kind kind, std::size_t inputs, Attributes attributes = {});

 private:
  Subgraph& graph_;
};

}  // namespace edgescope::graph
