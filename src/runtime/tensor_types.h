// Element types by TFLite's numbers, which LiteRT shares.
#pragma once

#include "graph/element_type.h"

namespace edgescope::runtime {

graph::ElementType tflite_element_type(int type);

}  // namespace edgescope::runtime
