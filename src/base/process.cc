#include "base/process.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/close_range.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <utility>

namespace edgescope::base {
namespace {

constexpr int kCannotExecute = 127;

// Everything that the new process needs, prepared before it exists.
struct Prepared {
  const char* program;
  char* const* arguments;
  char* const* environment;
  const char* folder;
  int in, out, err;
  pid_t parent;
};

// Between fork and exec only what is safe in a process with other threads: system calls on prepared values.
[[noreturn]] void become(const Prepared& what) {
  setpgid(0, 0);
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != what.parent) _exit(kCannotExecute);  // the parent ended before the line above
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  signal(SIGPIPE, SIG_DFL);
  const rlimit no_core{0, 0};
  setrlimit(RLIMIT_CORE, &no_core);
  // Where memory runs out, the kernel shall take the child and not its parent.
  if (const int score = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC); score >= 0) {
    if (write(score, "1000", 4) != 4) close(score);
  }
  if (what.folder != nullptr && chdir(what.folder) != 0) _exit(kCannotExecute);
  if (dup2(what.in, STDIN_FILENO) < 0 || dup2(what.out, STDOUT_FILENO) < 0 || dup2(what.err, STDERR_FILENO) < 0)
    _exit(kCannotExecute);
  close_range(3, ~0u, CLOSE_RANGE_CLOEXEC);
  execve(what.program, what.arguments, what.environment);
  _exit(kCannotExecute);
}

Error cannot(const std::string& what) {
  return {.fault = Fault::runtime, .what = fmt::format("cannot {}: {}", what, strerror(errno))};
}

std::vector<char*> pointers(std::vector<std::string>& strings) {
  std::vector<char*> result;
  for (std::string& string : strings) result.push_back(string.data());
  result.push_back(nullptr);
  return result;
}

}  // namespace

std::map<std::string, std::string> plain_environment() {
  std::map<std::string, std::string> environment;
  for (const char* name : {"PATH", "HOME", "LANG", "TMPDIR"})
    if (const char* value = std::getenv(name)) environment[name] = value;
  return environment;
}

Result<Process> Process::start(const ProcessSpec& spec) {
  if (access(spec.program.c_str(), X_OK) != 0)
    return fail({.fault = Fault::missing,
                 .what = fmt::format("cannot be executed: {}", strerror(errno)),
                 .file = spec.program});
  std::vector<std::string> variables, words = {spec.program};
  for (const auto& [name, value] : spec.environment) variables.push_back(name + "=" + value);
  words.insert(words.end(), spec.arguments.begin(), spec.arguments.end());
  const std::vector<char*> environment = pointers(variables), arguments = pointers(words);
  const int nothing = open("/dev/null", O_RDWR | O_CLOEXEC);
  if (nothing < 0) return fail(cannot("open /dev/null"));
  const auto or_nothing = [&](int descriptor) { return descriptor < 0 ? nothing : descriptor; };
  const Prepared prepared{.program = spec.program.c_str(),
                          .arguments = arguments.data(),
                          .environment = environment.data(),
                          .folder = spec.folder.empty() ? nullptr : spec.folder.c_str(),
                          .in = or_nothing(spec.in),
                          .out = or_nothing(spec.out),
                          .err = or_nothing(spec.err),
                          .parent = getpid()};
  Process process;
  process.pid_ = fork();
  if (process.pid_ == 0) become(prepared);
  close(nothing);
  if (process.pid_ < 0) return fail(cannot("start a process"));
  setpgid(process.pid_, process.pid_);  // also here, so that kill() reaches the group from the first moment
  return process;
}

Process::Process(Process&& other) noexcept { *this = std::move(other); }

Process& Process::operator=(Process&& other) noexcept {
  std::swap(pid_, other.pid_);
  std::swap(wait_status_, other.wait_status_);
  return *this;
}

void Process::kill() {
  if (pid_ <= 0) return;
  ::kill(-pid_, SIGKILL);
  while (waitpid(pid_, &wait_status_, 0) < 0 && errno == EINTR) {
  }
  pid_ = -1;
}

bool Process::gone() {
  if (pid_ <= 0) return true;
  siginfo_t info{};
  if (waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOHANG | WNOWAIT) != 0 || info.si_pid == 0) return false;
  kill();  // reaps it, and ends what it started
  return true;
}

std::uint64_t Process::resident_bytes() const {
  std::FILE* file = std::fopen(fmt::format("/proc/{}/statm", pid_).c_str(), "re");
  if (file == nullptr) return 0;
  unsigned long long size = 0, resident = 0;
  const int fields = std::fscanf(file, "%llu %llu", &size, &resident);
  std::fclose(file);
  return fields == 2 ? resident * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE)) : 0;
}

std::optional<int> Process::exit_code() const {
  if (WIFSIGNALED(wait_status_)) return std::nullopt;
  return WEXITSTATUS(wait_status_);
}

std::string Process::how_it_ended() const {
  if (const auto code = exit_code()) return fmt::format("ended with exit code {}", *code);
  const int number = WTERMSIG(wait_status_);
  const char* name = sigabbrev_np(number);
  return fmt::format("crashed with SIG{} ({})", name ? name : std::to_string(number), strsignal(number));
}

}  // namespace edgescope::base
