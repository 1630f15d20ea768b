// What becomes of a network's constants on a device that computes in 16-bit floats: large ones become infinite,
// small ones zero, and integers beyond 2,048 are no longer exact, which moves thresholds.
#pragma once

#include <cstdint>
#include <vector>

#include "graph/model.h"

namespace edgescope::target::ncs2 {

// The 16-bit float that is nearest, as a 32-bit one.
float rounded_to_half(float value);

struct HalfCounts {
  std::uint64_t elements = 0;
  std::uint64_t infinite = 0;          // finite numbers that become infinite
  std::uint64_t vanished = 0;          // numbers other than 0 that become 0
  std::uint64_t subnormal = 0;         // that keep fewer than 11 bits, being smaller than 6.1e-5
  std::uint64_t changed_integers = 0;  // whole numbers that become others

  void add(float value);
  bool lossy() const { return infinite + vanished + changed_integers > 0; }
};

struct HalfLoss : HalfCounts {
  int tensor = -1;  // of the main graph
};

// Of the 32-bit float constants that lose in one of these ways, in the graph's order. Reads every weight.
std::vector<HalfLoss> half_losses(const graph::Model& model);

}  // namespace edgescope::target::ncs2
