// A part of a TFLite model as a model of its own: what lies between given tensors.
#pragma once

#include <string>
#include <vector>

#include "base/error.h"
#include "base/mapped_file.h"

namespace edgescope::format::tflite {

// The operators of the main subgraph that compute `outputs` from `inputs` (names of tensors), in a model whose inputs
// and outputs are these, in this order. An error where a name is not there, or not there once, or where the outputs
// need more than the inputs and constants.
base::Result<std::vector<std::byte>> cut(const base::MappedFile& file, const std::vector<std::string>& inputs,
                                         const std::vector<std::string>& outputs);

}  // namespace edgescope::format::tflite
