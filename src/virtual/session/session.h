// What a process finds on its simulated bus, and where it is written down what happened: one JSON file,
// named by EDGESCOPE_VIRTUAL_USB, or the JSON itself.
//
//   {"devices": [{"kind": "coral", "speed": "usb3", "firmware": true}, {"kind": "myriad"}],
//    "models": [{"file": "x_edgetpu.tflite", "parts": ["part.tflite"]}], "tflite": "libtensorflowlite_c.so",
//    "log": "bus.jsonl", "transfers": true}
//
// "parts" are models that compute what each Edge TPU operator of the file stands for, in its order; without them
// the stick's answers are zeros. The log (log.h) gets what the devices understood of their transfers:
//   "step"      "model", "operator", "executable", "step", "bytes", "layer": a Coral stick's DMA step
//   "done"      "model", "operator", "executable"
//   "firmware"  "bytes": it was downloaded, the device is another one from here on
//   "boot"      "bytes": a Myriad stick's firmware came
//   "allocate"  "graph", "bytes", "stages", "bss_bytes": it took a blob
//   "infer"     "graph", "bytes": of inputs
//   "error"     "message": what came contradicts what had to come
// and, with "transfers", every transfer.
#pragma once

#include <memory>
#include <string>

#include "base/error.h"
#include "virtual/bus.h"
#include "virtual/recorder.h"

namespace edgescope::virtual_usb {

struct Session {
  std::shared_ptr<Bus> bus;
  std::shared_ptr<Recorder> recorder;  // null where transfers are not to be written down
};

std::string device_path(std::size_t device);  // "1-1" of the first: bus and port

// Models stay mapped as long as the bus lives.
base::Result<Session> open_session(const std::string& path);

}  // namespace edgescope::virtual_usb
