// Operators of ONNX whose result's shape follows from their inputs' in one of a few ways.
#pragma once

#include <cstdint>

#include "graph/kind.h"

namespace edgescope::format::onnx {

enum class ShapeFamily : std::uint8_t {
  Same,       // the shape of the first input
  Broadcast,  // all inputs are broadcast against each other
  Reduce,     // dimensions are reduced that an attribute or the second input names
  Own         // a way of its own
};

ShapeFamily shape_family(graph::Kind kind);

}  // namespace edgescope::format::onnx
