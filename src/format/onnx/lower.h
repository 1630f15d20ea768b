// Operators in canonical form (graph/canonical.h) as ONNX's own.
#pragma once

#include "base/error.h"
#include "graph/model.h"

namespace edgescope::format::onnx {

// Every operator without a source kind is replaced by operators of this operator set (7 or later) that mean the
// same; others stay. An operator that the format cannot express is an error that names it.
base::Status lower(graph::Model& model, int opset);

}  // namespace edgescope::format::onnx
