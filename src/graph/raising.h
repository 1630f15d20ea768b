// What the formats' raise() have in common: an operator as a reader gave it in canonical form (graph/canonical.h),
// or the reason why it has none.
//
// What every one of them is held to at its end: the canonical form makes, of the same inputs, results of the types
// and shapes that the file says (graph/infer.h). A meaning that was mistaken rarely passes that.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "graph/canonical.h"
#include "graph/infer.h"
#include "graph/model.h"

namespace edgescope::graph {

class Raising {
 public:
  using Ints = std::vector<std::int64_t>;
  using Raised = base::Result<Operator>;

  Raising(const Model& model, const Subgraph& graph, const Operator& source)
      : graph_(graph), source_(source), layout_(model.layout) {}

 protected:
  tl::unexpected<base::Error> refuse(std::string why) const;

  // An operator of this kind with the source's name, results and, at first, inputs; no attributes.
  Operator make(Kind kind) const;
  Operator make(Kind kind, std::size_t inputs) const;  // with the first of the inputs only

  // The end: trailing omitted inputs are dropped, and results are held against what the canonical form makes.
  Raised finish(Operator op) const;

  // Null for one that is omitted or not there.
  const Tensor* input(std::size_t index) const;
  const Tensor* output(std::size_t index = 0) const;
  std::size_t rank(std::size_t index = 0) const;
  const Ints& dims(std::size_t index = 0) const;
  bool has(std::string_view name) const { return find(source_.attributes, name) != nullptr; }

  template <typename T>
  T get(std::string_view name, T otherwise = {}) const {
    return graph::get<T>(source_.attributes, name, std::move(otherwise));
  }

  // Copies an attribute that the source has.
  void keep(Operator& op, std::string_view name) const;
  static void set(Operator& op, std::string_view name, Attribute value) {
    op.attributes.emplace_back(name, std::move(value));
  }

  // Constant inputs; the error says that it is computed at run time.
  base::Result<Ints> integers(std::size_t index, std::string_view what) const;
  base::Result<std::int64_t> integer(std::size_t index, std::string_view what) const;
  base::Result<double> real(std::size_t index, std::string_view what) const;

  // Whether anything reads the result.
  bool used(std::size_t result) const;

  // Common shapes of operators.
  Raised same(Kind kind) const { return finish(make(kind)); }
  Raised reshape(Kind kind = Kind::Reshape) const;  // to the shape that the result has
  Raised unsqueeze(Ints axes) const;
  Raised squeeze(Ints axes) const;  // of all dimensions of size 1 where there are none
  Raised transpose(Ints order) const;
  Raised reduce(Kind kind, Ints axes, bool keep_dims) const;
  // Positions of a slice along every dimension of the data, as begin and end of a stride each; counts from the
  // back and beyond the ends are put right.
  struct Range {
    std::int64_t begin = 0, end = 0, stride = 1;
    bool squeeze = false;  // the dimension, of one element, is not in the result
  };
  Raised strided(std::vector<Range> ranges) const;
  static Range bounded(std::int64_t begin, std::int64_t end, std::int64_t stride, std::int64_t size);

  const Subgraph& graph_;
  const Operator& source_;
  Layout layout_;
};

}  // namespace edgescope::graph
