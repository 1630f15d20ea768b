// The document's members on the NCS2: `myriad`, a blob stage by stage, and `myriad_memory`, which tensor lies where
// (docs/json.md). All of it is exact.
#pragma once

#include "base/json.h"
#include "format/myriad/blob.h"
#include "format/myriad/memory_dump.h"

namespace edgescope::analysis {

base::Json myriad_json(const format::myriad::Blob& blob);
base::Json myriad_memory_json(const format::myriad::MemoryDump& dump);

}  // namespace edgescope::analysis
