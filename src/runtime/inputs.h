// Inputs for inferences whose values do not matter: random, seeded, sensible for the type, and the same
// for every runtime, so that predictions can be compared.
//   floats                  uniform in [-1, 1)
//   8- and 16-bit integers  the whole range (quantised inputs); smaller ones too
//   32- and 64-bit integers 0 or 1: valid as an index into the smallest table, as a count, as a mask
//   bool                    0 or 1
// Filling takes about a nanosecond for eight bytes, so that fresh inputs for every inference are cheap.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "graph/element_type.h"

namespace edgescope::runtime {

// The values depend on seed, row (which inference), port and type alone.
void fill_input(graph::ElementType type, std::uint64_t seed, std::uint64_t row, std::uint64_t port,
                std::span<std::byte> buffer);

}  // namespace edgescope::runtime
