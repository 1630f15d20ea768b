#include "cli/interrupt.h"

#include <csignal>

namespace edgescope::cli {
namespace {

volatile std::sig_atomic_t interrupted = 0;

void remember(int) { interrupted = 1; }

// SA_RESETHAND: the second signal finds the default, which ends the program. Without SA_RESTART, so that
// waiting for a worker's answer ends too.
void take(int signal) {
  struct sigaction action = {};
  action.sa_handler = remember;
  action.sa_flags = SA_RESETHAND;
  ::sigaction(signal, &action, nullptr);
}

}  // namespace

Interrupt::Interrupt() {
  interrupted = 0;
  take(SIGINT);
  take(SIGTERM);
}

Interrupt::~Interrupt() {
  std::signal(SIGINT, SIG_DFL);
  std::signal(SIGTERM, SIG_DFL);
}

bool Interrupt::pending() { return interrupted != 0; }

}  // namespace edgescope::cli
