// The MYRIAD plugin locks one file for all processes of the machine, and waits for each stick that it opens: a second
// until it settles, and a tenth until it has booted. Both are for real sticks: with a simulated one, which no other
// process can see, a stuck process would block everybody's. Functions of the program come before those of libraries, so
// the plugin calls these.
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstdarg>
#include <cstdlib>
#include <cstring>
#include <ctime>

namespace {

bool simulated() { return std::getenv("EDGESCOPE_VIRTUAL_USB") != nullptr; }

}  // namespace

extern "C" {

int open(const char* path, int flags, ...) {
  mode_t mode = 0;
  if (flags & (O_CREAT | __O_TMPFILE)) {
    va_list arguments;
    va_start(arguments, flags);
    mode = static_cast<mode_t>(va_arg(arguments, int));
    va_end(arguments);
  }
  if (simulated() && std::strcmp(path, "/tmp/mvnc.mutex") == 0) return memfd_create("mvnc.mutex", MFD_CLOEXEC);
  return openat(AT_FDCWD, path, flags, mode);
}

unsigned sleep(unsigned seconds) {
  timespec rest{static_cast<time_t>(simulated() ? 0 : seconds), 0};
  return nanosleep(&rest, &rest) == 0 ? 0 : static_cast<unsigned>(rest.tv_sec);
}

int usleep(useconds_t microseconds) {
  constexpr useconds_t kLeast = 1000;  // who waits in a loop does not spin
  if (simulated()) microseconds = std::min(microseconds, kLeast);
  const timespec rest{static_cast<time_t>(microseconds / 1'000'000),
                      static_cast<long>(microseconds % 1'000'000) * 1000};
  return nanosleep(&rest, nullptr);
}

}  // extern "C"
