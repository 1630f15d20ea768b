// What two models differ in, for people: totals with their signs, then what was added, removed, changed.
#pragma once

#include "report/view.h"

namespace edgescope::report {

Blocks difference_view(const base::Json& document);

}  // namespace edgescope::report
