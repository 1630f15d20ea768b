// Ctrl-C as a question that long work asks, so that workers end and files are whole when it stops. A
// second Ctrl-C ends the program at once.
#pragma once

namespace edgescope::cli {

class Interrupt {
 public:
  Interrupt();   // takes SIGINT and SIGTERM
  ~Interrupt();  // gives them back
  Interrupt(const Interrupt&) = delete;
  Interrupt& operator=(const Interrupt&) = delete;

  static bool pending();
};

}  // namespace edgescope::cli
