// The element type of a result that the file does not type, by ONNX's definitions.
#pragma once

#include "graph/model.h"

namespace edgescope::format::onnx {

// Unknown where the definition leaves it to a body or another domain.
graph::ElementType result_type(const graph::Subgraph& graph, const graph::Operator& op, std::size_t output);

}  // namespace edgescope::format::onnx
