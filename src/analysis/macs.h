// Multiply-accumulates of an operator, from the shapes and attributes that the file states.
//
// The convention, the one that published figures follow:
// - One product that is added to a sum is one multiply-accumulate. A bias, an activation, a
//   normalisation, an element-wise product, a pooling window count none: such kinds have 0.
// - Positions that fall on padding count like any other; zeros and sparse weights count like dense ones.
// - Convolutions use every element of their filter once at every output position (transposed ones at
//   every input position), whatever the groups and whatever the filter's layout.
// - Recurrent kinds: every element of the input, recurrent and projection matrices once a step and batch
//   row; peepholes are element-wise. Attention: the two products QK and (QK)V, masked parts included.
// - Nothing is said where a needed dimension is dynamic, and where the kind's work is not in the file's
//   shapes: unknown and custom operators, Fourier transforms, tree and vector-machine ensembles.
// - Operators that run bodies (if, loop, call) have 0; the operators of the body are counted, once.
#pragma once

#include <cstdint>
#include <optional>

#include "graph/model.h"

namespace edgescope::analysis {

std::optional<std::uint64_t> macs(const graph::Model& model, const graph::Subgraph& subgraph,
                                  const graph::Operator& op);

}  // namespace edgescope::analysis
