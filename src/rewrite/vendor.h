// What the NCS2's own compiler says of a file, in the few words that a rewrite is judged by.
#pragma once

#include <string>

#include "base/json.h"
#include "runtime/catalog.h"

namespace edgescope::rewrite {

// {verdict, failure, basis, stages, predicted_us} of docs/fix.md; null where there is no compiler on this machine or it
// does not read the format. With `half_ends` it is asked as by a program that gives and takes 16-bit floats.
base::Json vendor_verdict(const std::string& path, const runtime::Places& places, bool half_ends = false);

}  // namespace edgescope::rewrite
