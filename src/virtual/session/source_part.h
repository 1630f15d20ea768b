// The part of the source model that a compiled operator stands for, run by TFLite on the CPU, so that a simulated
// stick answers with what a real one would.
#pragma once

#include <string>

#include "virtual/coral/stick.h"

namespace edgescope::virtual_usb {

// `model` is a file whose inputs and outputs are those of the operator's executable, in their order (it is cut out of
// the source model by measure/usb_count). It is loaded when it is first needed, once.
coral::Compute source_part(std::string model, std::string tflite_library);

}  // namespace edgescope::virtual_usb
