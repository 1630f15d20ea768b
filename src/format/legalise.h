// Operators in canonical form that a format has no operator for, by others in canonical form that mean the same.
#pragma once

#include "format/convert.h"
#include "graph/model.h"

namespace edgescope::format {

// Of a subgraph whose operators are raised, data still laid out as the source lays them. Operators for which there is
// no other way stay, for the destination's writer to refuse.
void legalise(graph::Model& model, graph::Subgraph& graph, const Destination& destination);

}  // namespace edgescope::format
