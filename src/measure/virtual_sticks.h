// Simulated sticks for a process: the session file that tells the stand-in for libusb which there are, which compiled
// models they know, and who computes their answers (virtual/session/session.h).
#pragma once

#include <string>
#include <vector>

#include "base/error.h"
#include "base/json.h"
#include "format/edgetpu/package.h"
#include "graph/model.h"

namespace edgescope::measure {

struct VirtualSticks {
  int count = 1;
  bool usb3 = true;
  bool firmware = true;  // false: as after plugging in, the runtime downloads it
  // The model that the first file was compiled from: the stick then answers with what its operators compute.
  std::string source;
};

// A compiled model with its Edge TPU operators, at least one.
struct Compiled {
  std::string path;
  graph::Model model;  // holds the bytes that the packages point to
  std::vector<format::edgetpu::Package> packages;
};

base::Result<Compiled> read_compiled(const std::string& path);

struct SessionFiles {
  std::string session;  // for EDGESCOPE_VIRTUAL_USB
  std::string log;
};

// Writes into `folder`. `tflite` is the library that runs the parts of the source model.
base::Result<SessionFiles> write_session(const VirtualSticks& sticks, const std::vector<Compiled>& models,
                                         const std::string& tflite, bool transfers, const std::string& folder);

// What the sticks complained of, in the log's order.
std::vector<std::string> complaints(const std::vector<base::Json>& log);

}  // namespace edgescope::measure
