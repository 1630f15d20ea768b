// How a prediction reads: the interval, then its terms, then what was assumed.
#pragma once

#include "report/view.h"

namespace edgescope::report {

Blocks predict_view(const base::Json& document);
void add_prediction(Blocks& blocks, const base::Json& prediction);

}  // namespace edgescope::report
