// Small constants as numbers, for rewrites that look at them.
#pragma once

#include <optional>
#include <vector>

#include "graph/model.h"

namespace edgescope::rewrite {

// The elements of a raw constant, widened; nothing for anything else.
std::optional<std::vector<double>> constant_numbers(const graph::Tensor& tensor);

// The one number that all its elements are; nothing where they differ or there are none.
std::optional<double> constant_number(const graph::Tensor& tensor);

}  // namespace edgescope::rewrite
