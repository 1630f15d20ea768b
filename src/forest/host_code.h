// The text of encoder.h and decoder.h, put into the program when it is built (cmake/host_code.cmake).
#pragma once

#include <string_view>

namespace edgescope::forest {

extern const std::string_view host_code;

}  // namespace edgescope::forest
