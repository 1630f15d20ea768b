// Which subgraphs run which others.
#pragma once

#include "base/error.h"
#include "format/onnx/context.h"

namespace edgescope::format::onnx {

// Fails where a function calls itself, directly or through others, which ONNX forbids: nothing that
// follows calls would come to an end.
base::Status check_calls(const Context& context);

}  // namespace edgescope::format::onnx
