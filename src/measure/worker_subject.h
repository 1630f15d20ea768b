// A worker process as the sampler sees it.
#pragma once

#include <map>
#include <string>

#include "measure/sampler.h"
#include "measure/worker.h"

namespace edgescope::measure {

// Starts a worker of `runtime` for each process and loads `request` in it.
Contender worker_contender(const runtime::Found& runtime, const runtime::LoadRequest& request);

}  // namespace edgescope::measure
