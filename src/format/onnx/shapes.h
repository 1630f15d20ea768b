// Shapes and types of results, derived where the file leaves them out: exporters often write those of
// inputs, outputs and weights only, and without them nothing can be said about an operator's work.
//
// Only what ONNX's definitions fix is derived; the rest stays unknown. A dimension that depends on an open
// one is open. What the file states is never changed.
#pragma once

#include "graph/model.h"

namespace edgescope::format::onnx {

// The model must be valid (graph/validate.h).
void infer_shapes(graph::Model& model);

}  // namespace edgescope::format::onnx
