// Kinds whose operator in ONNX takes the same inputs and attributes as the canonical form, and since which operator set
// it is there.
#pragma once

#include <string_view>

#include "graph/kind.h"

namespace edgescope::format::onnx {

inline constexpr int kOldest = 7;  // since then broadcasting is NumPy's

struct SameOperator {
  graph::Kind kind;
  std::string_view name;
  int since = kOldest;
};

// Null where there is none.
const SameOperator* same_operator(graph::Kind kind);

}  // namespace edgescope::format::onnx
