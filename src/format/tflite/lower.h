// Operators in canonical form (graph/canonical.h) as TensorFlow Lite's own.
#pragma once

#include "base/error.h"
#include "graph/model.h"

namespace edgescope::format::tflite {

// Every operator without a source kind is replaced by builtin operators that mean the same; others stay. An
// operator that the format cannot express is an error that names it.
base::Status lower(graph::Model& model);

// The smallest version of the builtin operator that has what this one uses: runtimes and the Edge TPU's compiler
// take no operator that is newer than they are.
std::int64_t smallest_version(const graph::Operator& op, const graph::Subgraph& graph);

}  // namespace edgescope::format::tflite
