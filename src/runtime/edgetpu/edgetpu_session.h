// Coral's Edge TPU: TensorFlow Lite runs the graph, libedgetpu's delegate the compiled operators in it.
//
// Properties are the delegate's own options: Performance (Low, Medium, High, Max), Usb.AlwaysDfu (True, False),
// Usb.MaxBulkInQueueLength (8 where it is not set, whatever its documentation says).
#pragma once

#include "runtime/session.h"

namespace edgescope::runtime {

// "edgetpu", "edgetpu:1", "edgetpu:virtual". On a virtual stick a custom CPU operator that TFLite lacks gets a stand-in
// that does nothing, so that the part of the Edge TPU runs.
std::unique_ptr<Session> make_edgetpu_session(std::string name);

}  // namespace edgescope::runtime
