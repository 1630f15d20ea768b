// A session that does nothing, at once: what remains in a measurement of it is the harness.
#pragma once

#include "runtime/session.h"

namespace edgescope::runtime {

// Ports from the properties "inputs" and "outputs", each the ports' bytes with commas between
// ("150528,4"); by default one of four bytes. The model is not opened.
std::unique_ptr<Session> make_null_session();

}  // namespace edgescope::runtime
