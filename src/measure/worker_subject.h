// A worker process as the sampler sees it.
#pragma once

#include <map>
#include <string>

#include "measure/sampler.h"
#include "measure/worker.h"

namespace edgescope::measure {

// Starts a worker of `runtime` for each process and loads `request` in it.
Contender worker_contender(const runtime::Found& runtime, const runtime::LoadRequest& request);

// The same with as many inferences in flight as the runtime holds best. Its samples are shares of the time
// (runtime/stream.h): 1,000,000 / median is inferences a second. Inputs are filled once for each batch.
Contender stream_contender(const runtime::Found& runtime, const runtime::LoadRequest& request);

}  // namespace edgescope::measure
