// Writes OpenVINO IR, versions 10 and 11: those that were read from one, changed or not, and those that code built.
//
// What a graph::Model does not hold of an IR that it was read from (notes on layers, the ids by which loops know
// their bodies' ends, conversion parameters) is taken from that file, which the model keeps mapped. Weights go
// from where they are into the .bin.
#pragma once

#include <string>

#include "base/error.h"
#include "base/pieces.h"
#include "graph/model.h"

namespace edgescope::format::openvino {

struct Encoded {
  base::Pieces xml, bin;
};

// `version` 10 is for OpenVINO 2021 and its devices, 11 for today's; 0: that of the IR the model was read from, 11
// for others. As version 10 operators of newer opsets are said by older ones, or are errors that name them. The bytes
// refer to the model's constants, which must live as long.
base::Result<Encoded> encode(const graph::Model& model, int version = 0);

// Replaces `path`, X.xml, and X.bin beside it (base/atomic_file.h); they may be what the model was read from.
base::Status write(const graph::Model& model, const std::string& path, int version = 0);

}  // namespace edgescope::format::openvino
