// What each step along an axis costs: does adding an operator lower the time?
#pragma once

#include "experiment/plan.h"
#include "experiment/series.h"

namespace edgescope::experiment {

// `question`, `headline`, `conclusion` and `rows`, a step each (gap.h), with what the two models' files really hold.
base::Json steps_answer(const Question& question, const std::vector<Series>& series);

}  // namespace edgescope::experiment
