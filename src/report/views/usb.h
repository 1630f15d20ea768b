// Bytes over USB, counted: of a run on a simulated stick, and of a program that was traced.
#pragma once

#include "report/view.h"

namespace edgescope::report {

// The runs of a bench document that have the member `usb`.
void add_usb(Blocks& blocks, const base::Json& document);

Blocks trace_view(const base::Json& document);

}  // namespace edgescope::report
