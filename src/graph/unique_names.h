// Formats in which values are known by their names: every tensor gets one of its own.
#pragma once

#include "graph/model.h"

namespace edgescope::graph {

// Inputs and outputs keep the names that applications know them by; of two others with one name the second gets a
// number, and those without are called after what they are.
void unique_names(Subgraph& graph);

}  // namespace edgescope::graph
