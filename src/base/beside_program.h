// What lies beside the running program: its workers, the stand-in libraries.
#pragma once

#include <optional>
#include <string>

namespace edgescope::base {

// The path of `relative` beside the program, or up to three folders above it: programs of tests lie deeper in
// the build folder. Nothing where there is none.
std::optional<std::string> beside_program(const std::string& relative);

}  // namespace edgescope::base
