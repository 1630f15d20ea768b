// Quantisation of a tensor, per tensor, per channel or blockwise, checked against its shape.
#pragma once

#include <memory>

#include "base/error.h"
#include "graph/model.h"

namespace edgescope::format::tflite {

namespace fb {
struct QuantizationParameters;
}

// Null where `source` is absent or holds ranges only. `tensors` is the size of the subgraph, which scales
// and zero points of blocks point into. Errors lack offset and node: the caller knows whose it is.
base::Result<std::shared_ptr<const graph::Quantization>> quantization(const fb::QuantizationParameters* source,
                                                                      const graph::Shape& shape, std::size_t tensors);

}  // namespace edgescope::format::tflite
