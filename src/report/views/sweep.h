// What sweeps measured: a run with its answers, the list of runs, two runs against each other.
#pragma once

#include "report/view.h"

namespace edgescope::report {

View sweep_view();
View history_view();
View diff_view();

}  // namespace edgescope::report
