// The tests of an ensemble's nodes as "cell > rank", and the encoder that makes the cells.
//
// Every comparison of numbers is "x > boundary" or its opposite, once the boundary is moved to the neighbouring
// number of the precision in which rows are compared (x < t is not x > the number before t). NaN takes a rank at
// which all nodes of its feature send it the right way; where there is none, the feature has two searches, one in
// which NaN is below and one in which it is above everything.
#pragma once

#include <vector>

#include "forest/encoder.h"
#include "format/forest/ensemble.h"

namespace edgescope::forest {

// A node takes its true child if (cell > rank) == above_is_true. Where every row goes the same way there is no
// column, and the cell counts as 0.
struct NodeTest {
  int column = -1;
  int rank = 0;
  bool above_is_true = true;

  bool constant() const { return column < 0; }
  int above(const Node& node) const { return above_is_true ? node.on_true : node.on_false; }
  int below(const Node& node) const { return above_is_true ? node.on_false : node.on_true; }
};

struct Encoding {
  Encoder::Tables tables;
  std::vector<std::vector<NodeTest>> tests;  // [trees][nodes]; leaves have one that means nothing
};

inline constexpr int kByteLimit = 255;   // ranks of a quantised cell
inline constexpr int kHalfLimit = 2047;  // whole numbers that a half-precision cell holds, and their differences

// A valid ensemble (validate()).
Encoding encode(const Ensemble& ensemble, int cell_limit);

}  // namespace edgescope::forest
