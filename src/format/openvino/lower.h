// Operators in canonical form (graph/canonical.h) as OpenVINO's own.
#pragma once

#include "base/error.h"
#include "graph/model.h"

namespace edgescope::format::openvino {

// Every operator without a source kind is replaced by operators of opsets 1 to 7 that mean the same, which IR v10
// and v11 both know; others stay. An operator that the format cannot express is an error that names it.
base::Status lower(graph::Model& model);

}  // namespace edgescope::format::openvino
