// OpenVINO's own operators in canonical form (graph/canonical.h): the way back from format/openvino/lower.h.
#pragma once

#include "graph/model.h"

namespace edgescope::format::openvino {

// Operators that canonical form cannot say, and those with open dimensions or with parameters that are computed,
// stay as they are.
void raise(graph::Model& model);

}  // namespace edgescope::format::openvino
