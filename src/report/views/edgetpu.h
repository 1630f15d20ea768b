// How a compiled Edge TPU model and the log of its compiler read.
#pragma once

#include "report/view.h"

namespace edgescope::report {

// Appends what a document's `edgetpu` member says.
void add_edgetpu(Blocks& blocks, const base::Json& edgetpu);

// The document of `inspect` for a log: its `compiler_log`.
Blocks compiler_log_view(const base::Json& document);

}  // namespace edgescope::report
