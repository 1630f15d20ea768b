// How a forest's program reads: what was written, whether it fits, what the host does around it, what next.
#pragma once

#include "report/view.h"

namespace edgescope::report {

Blocks forest_program_view(const base::Json& document);

}  // namespace edgescope::report
