// Flags of commands that predict for a device: which compiler, which link, which clock.
#pragma once

#include "analysis/check_edgetpu.h"
#include "cli/command.h"

namespace edgescope::cli {

void add_edgetpu_flags(CLI::App& command, analysis::EdgeTpuOptions& options);

}  // namespace edgescope::cli
