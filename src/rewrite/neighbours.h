// Looking around an operator: who makes a tensor, who reads it, what an operator is in canonical form.
#pragma once

#include <optional>

#include "graph/model.h"

namespace edgescope::rewrite {

// The operator in canonical form (format/raise.h); nothing where it has none.
std::optional<graph::Operator> canonical(const graph::Model& model, const graph::Subgraph& graph, int op);

// -1 where nothing makes it: inputs, constants.
int maker(const graph::Subgraph& graph, int tensor);

// The only operator that reads it; -1 where there are several or none, or the network gives the tensor away.
int only_reader(const graph::Subgraph& graph, int tensor);

// Of operators that give the same elements in the same order under another shape.
bool moves_nothing(graph::Kind kind);

}  // namespace edgescope::rewrite
