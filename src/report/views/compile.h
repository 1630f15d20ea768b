// How a compilation reads: what was made, what was predicted, where the two part.
#pragma once

#include "report/view.h"

namespace edgescope::report {

Blocks compile_view(const base::Json& document);

}  // namespace edgescope::report
