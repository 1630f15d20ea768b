// What happens on a USB bus, written down while it happens: one JSON object a line, so that nothing is lost when
// the process crashes, and that several processes can write into one file.
//
// Every line has "us" (the steady clock, microseconds), "device" (bus and ports: "1-2") and "event":
//   "device"    "vendor", "product", "speed": it was opened
//   "transfer"  "begin_us", "type", "endpoint", "wanted", "bytes", "status", "head" (see recorder.h)
// What a simulated device understood of its transfers comes as further events: see session.h.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/json.h"

namespace edgescope::virtual_usb {

class Log {
 public:
  // Appends to the file.
  static base::Result<std::shared_ptr<Log>> open(const std::string& path);
  explicit Log(int descriptor) : descriptor_(descriptor) {}
  ~Log();
  Log(const Log&) = delete;
  Log& operator=(const Log&) = delete;

  static double now();  // microseconds
  // `line` lacks "us" and "device"; from any thread.
  void write(const std::string& device, base::Json line) const;

 private:
  int descriptor_;
};

// The lines of a log; one that was cut off by a crash ends it.
base::Result<std::vector<base::Json>> read_log(const std::string& path);

}  // namespace edgescope::virtual_usb
