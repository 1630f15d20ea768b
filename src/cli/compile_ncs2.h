// The part of `compile` that is the NCS2's: a blob, by the plugin on a simulated or real stick, or by the vendor's
// offline compiler.
#pragma once

#include <chrono>

#include "cli/command.h"
#include "cli/ncs2_flags.h"

namespace edgescope::cli {

struct CompileNcs2 {
  std::string model, output;
  std::string program;  // of myriad_compile, where it is named
  bool offline = false;
  std::chrono::milliseconds time_limit{600'000};
  Ncs2Flags ncs2;
};

base::Result<int> compile_for_ncs2(const Shared& shared, const CompileNcs2& options);

}  // namespace edgescope::cli
