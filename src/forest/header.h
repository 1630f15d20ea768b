// The host's part of a forest as one C++17 header for the user's own application: the code of encoder.h and
// decoder.h with the tables of one forest. It needs a compiler and the standard library, nothing of ours.
#pragma once

#include <string>
#include <string_view>

#include "forest/decoder.h"
#include "forest/encoder.h"
#include "forest/exact.h"

namespace edgescope::forest {

// `name` becomes a namespace; characters that cannot stand in one are replaced.
std::string emit_header(const ExactProgram& program, std::string_view name);

// "my-forest.v2.h" gives "my_forest_v2".
std::string header_name(std::string_view path);

}  // namespace edgescope::forest
