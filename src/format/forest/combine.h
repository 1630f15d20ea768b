// Ensembles made of ensembles. Exporters of bagged, voting and multi-output models write one tree ensemble a member and
// put the members together by sums, means, products with constants and concatenations; all of these are sums of
// leaf values again. Each says why it is not, where it is not.
//
// The answers are those of real numbers: members were rounded one by one by whoever ran the graph, and the sum of all
// is in float64.
#pragma once

#include <memory>
#include <vector>

#include "base/error.h"
#include "format/forest/ensemble.h"

namespace edgescope::forest {

// Graphs pass ensembles around; most operators change nothing about the trees.
using Shared = std::shared_ptr<const Ensemble>;

// The result times a number, or divided by one.
base::Result<Ensemble> multiplied(const Ensemble& ensemble, double by);
base::Result<Ensemble> divided(const Ensemble& ensemble, double by);
// The result and a constant: one for all columns, or one a column.
base::Result<Ensemble> increased(const Ensemble& ensemble, const std::vector<double>& by);

// Of results with the same columns; not empty.
base::Result<Ensemble> added(const std::vector<Shared>& members);
base::Result<Ensemble> averaged(const std::vector<Shared>& members);
// The columns of the first, then those of the second, ...
base::Result<Ensemble> side_by_side(const std::vector<Shared>& members);
// These columns of the result, in this order, each at most once.
base::Result<Ensemble> columns_of(const Ensemble& ensemble, const std::vector<int>& columns);

}  // namespace edgescope::forest
