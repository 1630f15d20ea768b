// Which edgescope this is, and which runtimes it finds: what a report of a problem begins with.
#pragma once

#include <string>

namespace edgescope::cli {

// "edgescope 0.1.0 (81a11fd)" and a line with the names of the runtimes that are found.
std::string version_text();

}  // namespace edgescope::cli
