// A forest cut into perfect trees of one height, which is what makes its program small.
//
// The way from the tests of a perfect tree to the number of the exit that a row takes is the same for every
// perfect tree of that height: one matrix for all pieces of all trees, instead of one for each tree that grows
// with nodes times leaves. What differs from piece to piece is only which cell each node compares with what.
// Every exit is a leaf or leads to another piece; the decoder follows.
//
// A lower height takes fewer multiplications and more bytes of the answer, since every piece answers.
#pragma once

#include <vector>

#include "forest/decoder.h"
#include "forest/encoding.h"

namespace edgescope::forest {

// Nodes whose test does not matter (all exits behind them are the same) have no column.
struct PieceTest {
  int column = -1;
  int rank = 0;  // a row goes right if its cell is greater
  bool wide = false;
};

struct Pieces {
  int height = 1;
  std::vector<PieceTest> tests;  // [pieces, 2^height - 1], children of i are 2i + 1 and 2i + 2
  Decoder::Tables tables;

  int nodes() const { return (1 << height) - 1; }
  int exits() const { return 1 << height; }
  int count() const { return static_cast<int>(tables.exits.size() >> height); }
  PieceTest test(int piece, int node) const {
    return tests[static_cast<std::size_t>(piece) * static_cast<std::size_t>(nodes()) + static_cast<std::size_t>(node)];
  }
};

// How many pieces an ensemble takes: the fewest.
int count_pieces(const Ensemble& ensemble, const Encoding& encoding, int height);

// A valid ensemble, its encoding, and a height of 1 to 6.
Pieces cut(const Ensemble& ensemble, const Encoding& encoding, int height);

}  // namespace edgescope::forest
