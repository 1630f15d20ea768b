// What is installed and what is missing, for people.
#pragma once

#include "report/view.h"

namespace edgescope::report {

Blocks doctor_view(const base::Json& document);

}  // namespace edgescope::report
