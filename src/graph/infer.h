// Types and shapes of what an operator in canonical form (graph/canonical.h) makes of its inputs.
#pragma once

#include <span>
#include <vector>

#include "base/error.h"
#include "graph/model.h"

namespace edgescope::graph {

struct Made {
  ElementType type = ElementType::Unknown;
  std::vector<std::int64_t> dims;
};

// One entry a result. `inputs` are the operator's, null for an omitted one; their shapes must be static.
// The error says what does not fit; a kind without a rule here is one, too.
base::Result<std::vector<Made>> infer(const Operator& op, std::span<const Tensor* const> inputs, Layout layout);

// The shape of an element-wise operation; nothing where the two do not fit.
std::optional<std::vector<std::int64_t>> broadcast(std::span<const std::int64_t> a, std::span<const std::int64_t> b);

// `axis` counted from the front, or nothing where there is no such dimension.
std::optional<std::size_t> axis_of(std::int64_t axis, std::size_t rank);

}  // namespace edgescope::graph
