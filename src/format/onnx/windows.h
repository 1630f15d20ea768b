// Shapes of what a window slides over: convolutions and pools. Attributes are canonical already.
#pragma once

#include <optional>
#include <vector>

#include "graph/model.h"

namespace edgescope::format::onnx {

using Dims = std::vector<std::int64_t>;
using Inferred = std::optional<Dims>;  // nothing: the inputs do not fit the operator

// Arithmetic on dimensions: what an open one takes part in, or what leaves 64 bits, is open.
std::int64_t times(std::int64_t a, std::int64_t b);
std::int64_t plus(std::int64_t a, std::int64_t b);

Inferred convolution_shape(const graph::Operator& op, const Dims& data, const Dims& filter);
Inferred transposed_convolution_shape(const graph::Operator& op, const Dims& data, const Dims& filter);
Inferred pool_shape(const graph::Operator& op, const Dims& data);

}  // namespace edgescope::format::onnx
