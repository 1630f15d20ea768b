// The elements of constants as numbers, whatever the format keeps them as.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "graph/model.h"

namespace edgescope::graph {

// Little-endian, packed: what Encoding::Raw holds. Nothing for what is no constant, for strings, sparse ones and
// elements that are not whole bytes, and where the data do not have the shape's size.
std::optional<std::vector<std::byte>> packed_elements(const Tensor& tensor);

// The elements of a constant of integers or booleans, which has at most `limit` of them; nothing where it is none.
std::optional<std::vector<std::int64_t>> integer_elements(const Tensor& tensor, std::size_t limit = 1 << 16);

// The same of f16, f32 and f64.
std::optional<std::vector<double>> real_elements(const Tensor& tensor, std::size_t limit = 1 << 16);

}  // namespace edgescope::graph
