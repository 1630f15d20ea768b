// The whole analysis for people: the verdict, what was found, the measurements, the predictions, and
// what the model is. Tables are the ones of `bench` and `inspect`; the longest lists are cut here and
// whole in the JSON and the HTML report.
#pragma once

#include "report/view.h"

namespace edgescope::report {

View analyze_view();

// The part on predictions, for documents that hold a `parity`.
void add_parity(Blocks& blocks, const base::Json& parity);

}  // namespace edgescope::report
