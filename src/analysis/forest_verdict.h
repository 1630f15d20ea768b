// What a reader of `analyze FOREST` wants first: which device, which file, how fast, how sure; and honestly where
// a native tree kernel beats every tensor program, and where the accelerator's own bound lies below the CPU.
//
// Made from the rest of the document alone, so that it can say nothing that the rest does not.
#pragma once

#include "base/json.h"
#include "format/forest/ensemble.h"

namespace edgescope::analysis {

// The array `peers`: published times of tree kernels and tensor programs of others on the published forest that is
// nearest in size. Another machine's, so a factor of two says nothing.
base::Json forest_peers(const base::Json& forest);

// The member `bound`: rows a second that the Edge TPU cannot exceed with the exact program, by its peak and by the link
// law at the largest batch, beside what the CPU does there. Null where the exact program does not run on it.
base::Json forest_bound(const forest::Ensemble& ensemble, const base::Json& programs);

// The array `verdicts`, one a batch: the program to take, and in `rivals` the best one of each device. `file` is null
// until it is written.
base::Json forest_verdicts(const base::Json& programs, const std::string& input);

// The document's `summary`: {headline, points, fastest, remedy}.
base::Json summarise_forest(const base::Json& document);

}  // namespace edgescope::analysis
