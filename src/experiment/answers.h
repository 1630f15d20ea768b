// The questions of a plan, answered from its timings: figures with intervals, and a conclusion in words that says
// no more than they show.
#pragma once

#include "experiment/plan.h"
#include "experiment/series.h"

namespace edgescope::experiment {

// {kind, along, question, headline, conclusion, rows: [...]}; the rows' members by kind stand in docs/sweep.md. Series
// without samples say why in their note and are left out.
base::Json answer(const Question& question, const std::vector<Series>& series);

}  // namespace edgescope::experiment
