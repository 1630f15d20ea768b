// How predictions compare: the document of `compare`.
#pragma once

#include "report/view.h"

namespace edgescope::report {

Blocks compare_view(const base::Json& document);

}  // namespace edgescope::report
