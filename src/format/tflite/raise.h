// TensorFlow Lite's own operators in canonical form (graph/canonical.h): the way back from lower.h.
#pragma once

#include "base/error.h"
#include "graph/model.h"

namespace edgescope::format::tflite {

// One operator of a model that a reader of this format gave; the graph stays as it is. The error says why the
// operator has no canonical form: shapes that are open, axes known at run time only, a meaning that it cannot say.
base::Result<graph::Operator> raise(const graph::Model& model, const graph::Subgraph& graph, const graph::Operator& op);

}  // namespace edgescope::format::tflite
