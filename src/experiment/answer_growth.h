// How the time grows along an axis of numbers: a line a runtime, with the terms of a device that is predicted beside
// it.
#pragma once

#include "experiment/plan.h"
#include "experiment/series.h"

namespace edgescope::experiment {

// `question`, `headline`, `conclusion`, `x` (which member of the points is the abscissa) and `rows`. Of `scaling` that
// is the axis itself; of `size` it is what the models compute, where their files say it.
base::Json growth_answer(const Question& question, const std::vector<Series>& series);

}  // namespace edgescope::experiment
