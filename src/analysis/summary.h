// What a reader of `analyze` wants first, in a headline and a few sentences: what the model is, how fast
// on the fastest CPU runtime and which lost, how sure that is, whether the predictions agree, what was
// found. Made from the rest of the document alone, so that it can say nothing that the rest does not.
#pragma once

#include "base/json.h"

namespace edgescope::analysis {

// The document's `summary`: {headline, points, fastest, verdict, agreement, agreement_why, remedy}; docs/json.md.
base::Json summarise(const base::Json& document);

}  // namespace edgescope::analysis
