// Rows that find what a program of an ensemble gets wrong. Errors sit at the thresholds, and at nodes that a
// random row rarely reaches, so these rows are built for the nodes: for each one a row that comes to it and holds
// its threshold, and one a unit in the last place on either side. Then each special value (infinities, NaN, zeros
// of both signs, denormals, the largest numbers) in each feature, and last rows drawn at random between and
// beyond the thresholds.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "format/forest/ensemble.h"

namespace edgescope::forest {

// Row major.
struct Rows {
  std::size_t columns = 0;
  std::vector<double> values;

  std::size_t size() const { return columns == 0 ? 0 : values.size() / columns; }
  std::span<const double> row(std::size_t i) const { return std::span(values).subspan(i * columns, columns); }
};

struct RowPlan {
  std::uint64_t seed = 1;
  std::size_t at_nodes = 6000;  // at most; of more nodes an even choice
  std::size_t random = 1000;
};

// The same plan gives the same rows everywhere. An ensemble without features has none.
Rows test_rows(const Ensemble& ensemble, const RowPlan& plan = {});

}  // namespace edgescope::forest
