// What every reader checks last, so that nothing behind it has to: indices in range, one producer a
// tensor, no cycles, constants as large as their shape says.
#pragma once

#include "base/error.h"
#include "graph/model.h"

namespace edgescope::graph {

// The error (Fault::input) names the file and the operator or tensor.
base::Status validate(const Model& model);

}  // namespace edgescope::graph
