// Operators of any format in canonical form (graph/canonical.h): the way back from a format's own, so that rewrites
// and conversions speak one language. Writing the raised operator again gives operators that mean the same.
//
// One operator becomes one. What a format puts into several operators (a bias that is added, a fused activation
// that it does not have) stays in several; a fused activation stays an attribute; data keep the format's layout.
// Of operators that a format brings in two forms, one is taken: ONNX's Gemm is fully_connected where its weights
// are a constant [out, in] and its bias a row, else matmul with a bias; TensorFlow Lite's FULLY_CONNECTED that
// flattens its data says keep_dims = false; GlobalAveragePool is the mean over the spatial dimensions.
#pragma once

#include <vector>

#include "base/error.h"
#include "graph/model.h"

namespace edgescope::format {

// One operator of a model that a reader gave, or that code has added in canonical form: then it is given back as it
// is. The error says why there is none: open shapes, axes known at run time only, a meaning that it cannot say.
base::Result<graph::Operator> raise(const graph::Model& model, const graph::Subgraph& graph, const graph::Operator& op);

struct NotRaised {
  int subgraph = 0, op = 0;
  base::Error why;
};

// Replaces every operator that has a canonical form; the others stay as they are and are named.
std::vector<NotRaised> raise_all(graph::Model& model);

}  // namespace edgescope::format
