// What `fix` changed, what that saves, and how it is proven.
#pragma once

#include "report/view.h"

namespace edgescope::report {

Blocks fix_view(const base::Json& document);

// The part, for documents that hold `fixes`: what each device needs.
void add_fixes(Blocks& blocks, const base::Json& fixes);

}  // namespace edgescope::report
