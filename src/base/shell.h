// Commands that are printed to be copied into a shell.
#pragma once

#include <string>
#include <string_view>

namespace edgescope::base {

// `word` as a shell reads it back: quoted where it holds anything that a shell would take for its own.
std::string shell_word(std::string_view word);

}  // namespace edgescope::base
