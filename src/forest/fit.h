// Whether an exact program stays on an Edge TPU, by the caching law: rows of its 16 tiles that it takes, and where
// they are too few, how many trees one stick holds and how many sticks hold all.
#pragma once

#include "forest/exact.h"
#include "target/edgetpu/memory_model.h"

namespace edgescope::forest {

struct Fit {
  bool fits = true;
  int rows = 0;                                                             // that the program takes
  int rows_available = 0, rows_available_low = 0, rows_available_high = 0;  // over all tiles; central, and the range
  int trees = 0;                                                            // the first so many stay on one stick
  int sticks = 1;  // that hold all trees, each as many as it can; 0 where one tree alone is too large
};

// `memory` is what the law says of the program (form Convolution).
Fit fit_on_chip(const ExactProgram& program, const target::edgetpu::MemoryPrediction& memory);

}  // namespace edgescope::forest
