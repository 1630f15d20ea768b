// How a compiled Edge TPU model and the log of its compiler read.
#pragma once

#include "report/view.h"

namespace edgescope::report {

// Appends what a document's `edgetpu` member says.
void add_edgetpu(Blocks& blocks, const base::Json& edgetpu);

// Appends what a document's `compiler_log` says.
void add_compiler_log(Blocks& blocks, const base::Json& log);

// The document of `inspect` for a log: its `compiler_log`.
Blocks compiler_log_view(const base::Json& document);

}  // namespace edgescope::report
