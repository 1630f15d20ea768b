// How a compiled Edge TPU model reads beside its source: what became of parameters and operators.
#pragma once

#include "report/view.h"

namespace edgescope::report {

// Appends what `edgetpu.source` says.
void add_edgetpu_source(Blocks& blocks, const base::Json& source);

}  // namespace edgescope::report
