// Somebody's raw timings in a file: one row a call, so that the same questions can be asked of them as of what
// we measure ourselves. CSV with a head line that names the columns `file` (which series), `call` (index from
// 0) and `us`, in any order, others ignored.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/error.h"

namespace edgescope::experiment {

// Series by name. The first call of each (index 0) is left out: it loads the model and its parameters.
base::Result<std::map<std::string, std::vector<double>>> read_timings(const std::string& path);

}  // namespace edgescope::experiment
