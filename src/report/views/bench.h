// A measurement for people: first the ranking, then what to distrust, then the machine.
#pragma once

#include "report/view.h"

namespace edgescope::report {

View bench_view();

// The part, for documents that hold measurements (`runs`, `comparison`, `environment`, `harness`,
// `warnings`) among other things.
void add_measurements(Blocks& blocks, const base::Json& document);

}  // namespace edgescope::report
