// Runs somebody's command to its end as a shell would, with a few variables of its environment changed.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/error.h"

namespace edgescope::measure {

struct Command {
  std::vector<std::string> words;
  std::map<std::string, std::string> environment;  // set on top of our own
  bool output_to_stderr = false;                   // its stdout: ours is for the document
};

// Its exit code, 128 + signal where one ended it. Ctrl-C is the command's to handle. Fault::missing where it cannot be
// started.
base::Result<int> run_command(const Command& command);

}  // namespace edgescope::measure
