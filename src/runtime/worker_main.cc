// edgescope-worker: loads one model in one vendor runtime and does what the parent asks over two pipes.
// Vendor code lives in this process only. See runtime/protocol.h and measure/worker.h.
#include <fcntl.h>
#include <unistd.h>

#include <cstdio>

#include "runtime/worker/serve.h"

int main() {
  // Runtimes print to stdout and may read stdin: both are moved out of their reach.
  const int requests = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3);
  const int answers = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
  const int nothing = open("/dev/null", O_RDONLY | O_CLOEXEC);
  if (requests < 0 || answers < 0 || nothing < 0 || dup2(nothing, STDIN_FILENO) < 0 ||
      dup2(STDERR_FILENO, STDOUT_FILENO) < 0) {
    std::perror("edgescope-worker");
    return 1;
  }
  std::FILE* in = fdopen(requests, "r");
  std::FILE* out = fdopen(answers, "w");
  if (in == nullptr || out == nullptr) return 1;
  std::setvbuf(stdout, nullptr, _IOLBF, 0);  // what was printed before a crash is not lost
  return edgescope::runtime::serve(in, out);
}
