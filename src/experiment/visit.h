// One visit of a sweep: the model of the point made or found, a fresh process on its runtime, warmed up, sampled.
#pragma once

#include <string>

#include "experiment/sweep.h"
#include "runtime/catalog.h"

namespace edgescope::experiment {

struct VisitOptions {
  runtime::Places places;
  std::string folder;    // where models are made; kept for the whole sweep
  double seconds = 0.5;  // of samples
};

// Answers for `sweep`. A point needs `on`, or `predict` with a device (prediction.h), or `compare` with several
// runtimes ("litert,tflite") whose results are held against each other (analysis/parity.h) instead of timed; and a
// `model` (a file) or a `family` (families.h); `threads` and `property.NAME` are the runtime's. A simulated stick has
// no times: its visit holds bytes in `facts`.
Measure visits(const VisitOptions& options, const measure::Hooks& hooks);

}  // namespace edgescope::experiment
