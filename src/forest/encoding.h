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

// A node takes its true child if (cell > rank) == above_is_true; `wide`: the cell counts Encoder::kBase times, and
// the one behind it once. Where every row goes the same way there is no column, and the cell counts as 0.
struct NodeTest {
  int column = -1;
  int rank = 0;
  bool wide = false;
  bool above_is_true = true;

  bool constant() const { return column < 0; }
  int above(const Node& node) const { return above_is_true ? node.on_true : node.on_false; }
  int below(const Node& node) const { return above_is_true ? node.on_false : node.on_true; }
};

struct Encoding {
  Encoder::Tables tables;
  std::vector<std::vector<NodeTest>> tests;  // [trees][nodes]; leaves have one that means nothing
};

// What a cell holds, and how ranks that are larger stand in several.
struct Cells {
  int limit = 255;
  bool wide = false;  // a larger rank in two; else what is above the limit in the next
};
inline constexpr Cells kByteCells{255, true};
inline constexpr Cells kHalfCells{2047, false};  // whole numbers that half precision holds, and their sums
inline constexpr Cells kWordCells{1 << 30, false};
inline constexpr Cells kFloatCells{255, false};  // CPUs that have bfloat16 compute floats in it: 8 bits

// A valid ensemble (validate()).
Encoding encode(const Ensemble& ensemble, Cells cells);

}  // namespace edgescope::forest
