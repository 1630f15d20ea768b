// What `fix` changed, what that saves, and how it is proven.
#pragma once

#include "report/view.h"

namespace edgescope::report {

Blocks fix_view(const base::Json& document);

}  // namespace edgescope::report
