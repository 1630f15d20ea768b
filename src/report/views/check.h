// How a document of `check` reads: the verdict first, then what stays on the CPU and why, then what the
// device's memory keeps and what it does not, and what to do.
#pragma once

#include "report/view.h"

namespace edgescope::report {

Blocks check_view(const base::Json& document);

// The same for a document that holds an answer of `check` among other things: without its tables of all
// layers and operators.
void add_check_summary(Blocks& blocks, const base::Json& check);

}  // namespace edgescope::report
