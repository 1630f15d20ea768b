// Kinds whose operator in OpenVINO takes the same inputs and attributes as the canonical form.
#pragma once

#include <string_view>

#include "graph/kind.h"

namespace edgescope::format::openvino {

struct SameOperator {
  graph::Kind kind;
  std::string_view name;  // with its operator set: "opset1:Add"
  bool broadcasts = false;
};

// Null where there is none.
const SameOperator* same_operator(graph::Kind kind);

}  // namespace edgescope::format::openvino
