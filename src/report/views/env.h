// What a command's environment needs, for people.
#pragma once

#include "report/view.h"

namespace edgescope::report {

Blocks env_view(const base::Json& document);

}  // namespace edgescope::report
