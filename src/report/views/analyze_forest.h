// The whole analysis of a tree ensemble for people: the verdict, every program on every target, whether they are
// exact, what others' code does, and what the forest is.
#pragma once

#include "report/view.h"

namespace edgescope::report {

Blocks analyze_forest_view(const base::Json& document);

}  // namespace edgescope::report
