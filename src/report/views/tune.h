// Which settings make a model faster, and whether that was shown, for people.
#pragma once

#include "report/view.h"

namespace edgescope::report {

Blocks tune_view(const base::Json& document);

}  // namespace edgescope::report
