// What a file alone shows to be lost: findings whose place and cost follow from the graph, exactly.
// Weights are not read.
#pragma once

#include <vector>

#include "analysis/finding.h"
#include "analysis/inspection.h"

namespace edgescope::analysis {

// In the catalogue's order, and within one id in the file's.
std::vector<Finding> findings_in(const graph::Model& model, const Inspection& inspection);

}  // namespace edgescope::analysis
