// What `tune` prints (docs/json.md).
#pragma once

#include "base/json.h"
#include "experiment/tune_runtime.h"

namespace edgescope::experiment {

// Adds `on`, `properties`, `objectives`, `configuration`, `notes`, `environment` and `warnings` to a document.
void add_tune(base::Json& document, const TuneRequest& request, const TuneResult& result);

// The settings that won an objective of a measured runtime, or the compile's; empty where the default did.
const Settings& winning_settings(const TuneResult& result);

}  // namespace edgescope::experiment
