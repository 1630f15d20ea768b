// The document's `myriad` member: a blob for the NCS2, stage by stage (docs/json.md). All of it is exact.
#pragma once

#include "base/json.h"
#include "format/myriad/blob.h"

namespace edgescope::analysis {

base::Json myriad_json(const format::myriad::Blob& blob);

}  // namespace edgescope::analysis
