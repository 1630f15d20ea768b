// LiteRT 2.x on the CPU, through the C interface of libLiteRt.so. XNNPACK is its default; the property
// kernel_mode = "builtin" or "reference" (LiteRT's own words) switches it off.
#pragma once

#include "runtime/session.h"

namespace edgescope::runtime {

std::unique_ptr<Session> make_litert_session();

}  // namespace edgescope::runtime
