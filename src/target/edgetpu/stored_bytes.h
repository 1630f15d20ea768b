// How many bytes and rows the Edge TPU compiler stores for each operator's parameters: the exact half of
// the caching law (target/edgetpu/memory_model.h).
#pragma once

#include <vector>

#include "graph/model.h"
#include "target/edgetpu/memory_model.h"

namespace edgescope::target::edgetpu {

// What operator `op` stores; empty where it stores nothing. Layers whose size the law does not know are
// named in `not_predicted`.
std::vector<StoredLayer> stored_layers(const graph::Subgraph& subgraph, int op, Compiler compiler,
                                       std::vector<std::string>& not_predicted);

}  // namespace edgescope::target::edgetpu
