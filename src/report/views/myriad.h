// How a blob for the NCS2 reads.
#pragma once

#include "report/view.h"

namespace edgescope::report {

// The document of `inspect` for a blob: its `myriad`.
Blocks myriad_view(const base::Json& document);

}  // namespace edgescope::report
