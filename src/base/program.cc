#include "base/program.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <sstream>

#include "base/process.h"

namespace edgescope::base {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int kPollMilliseconds = 100;  // limits are looked at this often
constexpr off_t kMaxOutputBytes = 64 << 20;

struct Descriptor {
  int number = -1;
  ~Descriptor() {
    if (number >= 0) close(number);
  }
};

off_t size_of(int file) {
  struct stat status {};
  return fstat(file, &status) == 0 ? status.st_size : 0;
}

std::string content_of(int file) {
  std::string text(static_cast<std::size_t>(std::min(size_of(file), kMaxOutputBytes)), '\0');
  const ssize_t n = pread(file, text.data(), text.size(), 0);
  text.resize(n > 0 ? static_cast<std::size_t>(n) : 0);
  return text;
}

}  // namespace

Result<ProgramRun> run_program(const ProgramSpec& spec) {
  // A file in memory needs no reader while the program runs, and is whole after a crash.
  const Descriptor log{memfd_create("a program's output", MFD_CLOEXEC)};
  // O_APPEND, since stdout and stderr share it.
  if (log.number < 0 || fcntl(log.number, F_SETFL, O_APPEND) != 0)
    return fail({.fault = Fault::runtime,
                 .what = fmt::format("cannot keep a program's output: {}", strerror(errno)),
                 .file = spec.program});
  const auto start = Clock::now();
  EDGESCOPE_TRY(process, Process::start({.program = spec.program,
                                         .arguments = spec.arguments,
                                         .environment = spec.environment,
                                         .folder = spec.folder,
                                         .out = log.number,
                                         .err = log.number}));
  const Descriptor ended{static_cast<int>(syscall(SYS_pidfd_open, process.pid(), 0))};  // readable when it ends
  ProgramRun run;
  const auto stop = [&](ProgramRun::End end, std::string how) {
    process.kill();
    run.end = end;
    run.how = std::move(how);
  };
  while (process.alive() && !process.gone()) {
    pollfd entry{.fd = ended.number, .events = POLLIN, .revents = 0};
    poll(&entry, 1, kPollMilliseconds);
    if (process.gone()) break;
    if (spec.interrupted && spec.interrupted())
      stop(ProgramRun::End::Interrupted, "was interrupted");
    else if (size_of(log.number) > kMaxOutputBytes)
      stop(ProgramRun::End::Flood, "wrote without end and was stopped");
    else if (Clock::now() - start >= spec.time_limit)
      stop(ProgramRun::End::Timeout, fmt::format("was not done within {} s and was stopped",
                                                 std::chrono::duration<double>(spec.time_limit).count()));
  }
  run.seconds = std::chrono::duration<double>(Clock::now() - start).count();
  run.output = content_of(log.number);
  if (!run.how.empty()) return run;
  run.how = process.how_it_ended();
  run.end = process.exit_code() ? ProgramRun::End::Exit : ProgramRun::End::Crash;
  run.exit_code = process.exit_code().value_or(-1);
  return run;
}

std::string find_program(const std::string& name) {
  const char* path = std::getenv("PATH");
  std::istringstream folders(path ? path : "");
  std::error_code ignored;
  for (std::string folder; std::getline(folders, folder, ':');) {
    const std::filesystem::path file = std::filesystem::path(folder.empty() ? "." : folder) / name;
    if (std::filesystem::is_regular_file(file, ignored) && access(file.c_str(), X_OK) == 0) return file.string();
  }
  return {};
}

}  // namespace edgescope::base
