// The exact program as look-ups: rows walk down all pieces (pieces.h) at once, a level at a time, as in perfect tree
// traversal, but on ranks: whole numbers of 32 bits, which no runtime rounds.
//
// Ranks [columns, rows] in, exits [pieces, rows] out, each in the lower bits of its number.
#pragma once

#include "forest/exact.h"
#include "graph/builder.h"

namespace edgescope::forest {

inline constexpr int kTallestTraversal = 10;  // 2^10 places a piece on the last level

// What a row costs, in look-ups: every piece is walked down, and its exit is followed on the host.
double traversal_cost(int pieces, int height);

Strides traverse(graph::Builder& builder, const Pieces& pieces, int columns, int batch);

}  // namespace edgescope::forest
