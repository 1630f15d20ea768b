// How a caching plan reads: the best way first, with its commands.
#pragma once

#include "report/view.h"

namespace edgescope::report {

Blocks caching_plan_view(const base::Json& document);

}  // namespace edgescope::report
