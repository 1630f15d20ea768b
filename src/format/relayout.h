// Data that one format lays out with the channels last and the other with the channels first.
//
// Operators that know which dimension is the channel (convolutions, pools, blocks, resizing) are turned, with their
// weights; those that do not care run on turned data where these are at hand; in front of all others data are turned
// back. A tensor is turned at most once each way, transposes of the source melt into those, and constants are turned
// here. Inputs and outputs stay as they are, so transposes remain at the ends.
#pragma once

#include "graph/model.h"

namespace edgescope::format {

// Turns the data of a subgraph in canonical form from the model's layout to `layout`. `softmax_last`: a softmax runs
// along the last dimension only. Returns how many transposes it took.
int relayout(graph::Model& model, graph::Subgraph& graph, graph::Layout layout, bool softmax_last);

}  // namespace edgescope::format
