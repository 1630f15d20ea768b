// Which of several ways is the fastest: at each place, on each runtime that was timed, and on each device that is
// predicted or that somebody published figures of.
#pragma once

#include "experiment/plan.h"
#include "experiment/series.h"

namespace edgescope::experiment {

// `question`, `headline`, `conclusion` and `rows`: each way at each place, with the `device` and the `place` of it.
base::Json strategies_answer(const Question& question, const std::vector<Series>& series);

}  // namespace edgescope::experiment
