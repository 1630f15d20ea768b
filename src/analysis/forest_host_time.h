// What the host's part of a forest's exact program takes on this machine.
#pragma once

#include "forest/exact.h"
#include "format/forest/ensemble.h"

namespace edgescope::analysis {

// Microseconds around a run of the whole batch: rows to ranks before, exits to results after. Measured in this
// process, with fresh rows and answers.
double exact_host_us(const forest::Ensemble& ensemble, const forest::ExactProgram& program);

}  // namespace edgescope::analysis
