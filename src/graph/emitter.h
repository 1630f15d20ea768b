// What the writers share when they turn operators in canonical form into their format's own: a place where the
// new operators gather in order, and the constants and results between them.
#pragma once

#include <cstring>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "graph/canonical.h"
#include "graph/infer.h"
#include "graph/model.h"

namespace edgescope::graph {

class Emitter {
 public:
  Emitter(Model& model, Subgraph& graph) : model_(model), graph_(graph) {}

  const Subgraph& graph() const { return graph_; }
  const Tensor& tensor(int index) const { return graph_.tensors[static_cast<std::size_t>(index)]; }
  Tensor& tensor(int index) { return graph_.tensors[static_cast<std::size_t>(index)]; }

  // A constant; equal ones are one tensor.
  int constant(ElementType type, std::vector<std::int64_t> dims, std::span<const std::byte> data);
  template <typename T>
  int constant(ElementType type, std::vector<std::int64_t> dims, const std::vector<T>& values) {
    return constant(type, std::move(dims), std::as_bytes(std::span(values)));
  }
  // A list (or, with `scalar`, a number) of integers of type i32 or i64.
  int ints(const std::vector<std::int64_t>& values, ElementType type, bool scalar = false);
  // One number of a floating type: f32, f64 or f16.
  int real(double value, ElementType type, std::vector<std::int64_t> dims = {});

  // Any other tensor.
  int add(Tensor tensor);
  // A result between two new operators.
  int result(ElementType type, std::vector<std::int64_t> dims, std::string name);

  // Appends an operator of the format's own.
  void emit(Operator op) { operators_.push_back(std::move(op)); }

  // Hands each operator in canonical form to `lower`, which emits what says it; the others stay as they are. Whether
  // there were any. By value: new tensors and operators may move what it would refer to.
  template <typename Lower>
  base::Result<bool> replace_canonical(Lower lower) {
    bool any = false;
    for (Operator& each : graph_.operators) {
      if (!each.source_kind.empty()) {
        emit(std::move(each));
        continue;
      }
      any = true;
      EDGESCOPE_CHECK(lower(std::move(each)));
    }
    finish();
    return any;
  }

  // The operators so far, which become the graph's.
  void finish() { graph_.operators = std::move(operators_); }

 private:
  Model& model_;
  Subgraph& graph_;
  std::vector<Operator> operators_;
  std::map<std::pair<std::pair<ElementType, std::vector<std::int64_t>>, std::string>, int> constants_;
};

}  // namespace edgescope::graph
