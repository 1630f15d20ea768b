// How a conversion reads: what was written, or which operators the other format has no words for.
#pragma once

#include "report/view.h"

namespace edgescope::report {

Blocks convert_view(const base::Json& document);

}  // namespace edgescope::report
