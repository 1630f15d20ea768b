// What a process finds on its simulated bus, and where it is written down what happened: one JSON file,
// named by EDGESCOPE_VIRTUAL_USB, or the JSON itself.
//
//   {"devices": [{"kind": "coral", "speed": "usb3", "firmware": true}, {"kind": "myriad"}],
//    "models": ["x_edgetpu.tflite"], "log": "transfers.jsonl"}
//
// The log gets one JSON line an event: {"device", "us", "event", ...}; of a Coral "step" | "done" | "error",
// of a Myriad "boot" | "allocate" | "infer" | "error".
#pragma once

#include <memory>
#include <string>

#include "base/error.h"
#include "virtual/bus.h"

namespace edgescope::virtual_usb {

// Models stay mapped as long as the bus lives.
base::Result<std::shared_ptr<Bus>> open_session(const std::string& path);

}  // namespace edgescope::virtual_usb
