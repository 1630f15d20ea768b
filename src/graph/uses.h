// Who makes and who reads each tensor of a subgraph.
#pragma once

#include <vector>

#include "graph/model.h"

namespace edgescope::graph {

struct Uses {
  std::vector<int> producer;                // per tensor: operator, or -1 (input, constant, unused)
  std::vector<std::vector<int>> consumers;  // per tensor: operators, ascending, each once
};

// The subgraph must be valid (graph/validate.h).
Uses uses(const Subgraph& subgraph);

// Operators in an order in which every one comes after those whose results it reads; among several
// possible ones the file's order is kept. Shorter than the operators where there is a cycle.
std::vector<int> execution_order(const Subgraph& subgraph);

}  // namespace edgescope::graph
