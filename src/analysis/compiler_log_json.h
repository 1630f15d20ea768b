// The document's `compiler_log` member: what edgetpu_compiler printed, in numbers (docs/json.md).
#pragma once

#include <string_view>

#include "base/json.h"

namespace edgescope::analysis {

base::Json compiler_log_json(std::string_view text);

}  // namespace edgescope::analysis
