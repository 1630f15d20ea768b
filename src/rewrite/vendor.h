// What the NCS2's own compiler says of a file, in the few words that a rewrite is judged by.
#pragma once

#include <string>

#include "base/json.h"
#include "runtime/catalog.h"

namespace edgescope::rewrite {

// {verdict, failure, basis, stages, predicted_us} of docs/fix.md; null where there is no compiler on this machine or it
// does not read the format.
base::Json vendor_verdict(const std::string& path, const runtime::Places& places);

}  // namespace edgescope::rewrite
