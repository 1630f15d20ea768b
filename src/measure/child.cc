#include "measure/child.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/close_range.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <utility>
#include <vector>

namespace edgescope::measure {
namespace {

using Clock = std::chrono::steady_clock;

// Limits are looked at this often: seldom enough not to disturb what is measured.
constexpr std::chrono::milliseconds kPollInterval{100};
constexpr off_t kMaxLogBytes = 64 << 20;
constexpr std::size_t kMaxAnswerBytes = 256 << 20;
constexpr int kCannotExecute = 127;

// Between fork and exec only what is safe in a process with other threads: system calls on prepared values.
[[noreturn]] void become(const char* program, char* const* arguments, char* const* environment, int socket, int log,
                         pid_t parent) {
  setpgid(0, 0);
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(kCannotExecute);  // the parent ended before the line above
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  signal(SIGPIPE, SIG_DFL);
  const rlimit no_core{0, 0};
  setrlimit(RLIMIT_CORE, &no_core);
  // Where memory runs out, the kernel shall take the worker and not its parent.
  if (const int score = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC); score >= 0) {
    if (write(score, "1000", 4) != 4) close(score);
  }
  if (dup2(socket, STDIN_FILENO) < 0 || dup2(socket, STDOUT_FILENO) < 0 || dup2(log, STDERR_FILENO) < 0)
    _exit(kCannotExecute);
  close_range(3, ~0u, CLOSE_RANGE_CLOEXEC);
  execve(program, arguments, environment);
  _exit(kCannotExecute);
}

std::uint64_t resident_bytes(int pid) {
  std::FILE* file = std::fopen(fmt::format("/proc/{}/statm", pid).c_str(), "re");
  if (file == nullptr) return 0;
  unsigned long long size = 0, resident = 0;
  const int fields = std::fscanf(file, "%llu %llu", &size, &resident);
  std::fclose(file);
  return fields == 2 ? resident * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE)) : 0;
}

base::Error cannot(const std::string& what) {
  return {.fault = base::Fault::runtime, .what = fmt::format("cannot {}: {}", what, std::strerror(errno))};
}

}  // namespace

base::Result<Child> Child::start(const ChildSpec& spec) {
  if (access(spec.program.c_str(), X_OK) != 0)
    return base::fail({.fault = base::Fault::missing,
                       .what = fmt::format("cannot be executed: {}", std::strerror(errno)),
                       .file = spec.program,
                       .remedy = "`make build` makes it."});
  std::vector<std::string> variables;
  for (const auto& [name, value] : spec.environment) variables.push_back(name + "=" + value);
  std::vector<char*> environment, arguments;
  for (std::string& variable : variables) environment.push_back(variable.data());
  environment.push_back(nullptr);
  std::string program = spec.program;
  arguments = {program.data(), nullptr};

  Child child;
  child.memory_limit_ = spec.memory_limit;
  int sockets[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets) != 0)
    return base::fail(cannot("create a socket pair"));
  child.socket_ = sockets[0];
  child.log_ = memfd_create("worker's stderr", MFD_CLOEXEC);
  // O_APPEND, since stdout and stderr of the child share it.
  if (child.log_ < 0 || fcntl(child.log_, F_SETFL, O_APPEND) != 0 || fcntl(sockets[0], F_SETFL, O_NONBLOCK) != 0) {
    close(sockets[1]);
    return base::fail(cannot("prepare a worker's descriptors"));
  }
  const pid_t parent = getpid();
  child.pid_ = fork();
  if (child.pid_ == 0) become(program.c_str(), arguments.data(), environment.data(), sockets[1], child.log_, parent);
  close(sockets[1]);
  if (child.pid_ < 0) return base::fail(cannot("start a process"));
  setpgid(child.pid_, child.pid_);  // also here, so that kill() reaches the group from the first moment
  return child;
}

Child::Child(Child&& other) noexcept { *this = std::move(other); }

Child& Child::operator=(Child&& other) noexcept {
  std::swap(pid_, other.pid_);
  std::swap(socket_, other.socket_);
  std::swap(log_, other.log_);
  std::swap(wait_status_, other.wait_status_);
  std::swap(memory_limit_, other.memory_limit_);
  std::swap(received_, other.received_);
  return *this;
}

Child::~Child() {
  kill();
  if (socket_ >= 0) close(socket_);
  if (log_ >= 0) close(log_);
}

void Child::kill() {
  if (pid_ <= 0) return;
  ::kill(-pid_, SIGKILL);
  while (waitpid(pid_, &wait_status_, 0) < 0 && errno == EINTR) {
  }
  pid_ = -1;
}

// True once the process has ended, whoever else may still hold its side of the socket.
bool Child::gone() {
  if (pid_ <= 0) return true;
  siginfo_t info{};
  if (waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOHANG | WNOWAIT) != 0 || info.si_pid == 0) return false;
  kill();  // reaps it, and ends what it started
  return true;
}

std::optional<Child::End> Child::over_a_limit() const {
  struct stat log {};
  if (fstat(log_, &log) == 0 && log.st_size > kMaxLogBytes) return End::Flood;
  if (memory_limit_ > 0 && resident_bytes(pid_) > memory_limit_) return End::Memory;
  return std::nullopt;
}

Child::Reply Child::ask(std::string_view line, std::chrono::milliseconds limit) {
  const auto deadline = Clock::now() + limit;
  auto next_look = Clock::now() + kPollInterval;
  std::string request(line);
  request += '\n';
  std::size_t sent = 0;
  received_.clear();
  std::vector<char> buffer(1 << 16);
  for (;;) {
    if (pid_ <= 0) return {End::Gone};
    if (sent < request.size()) {
      const ssize_t n = send(socket_, request.data() + sent, request.size() - sent, MSG_NOSIGNAL);
      if (n > 0) sent += static_cast<std::size_t>(n);
    }
    const ssize_t n = recv(socket_, buffer.data(), buffer.size(), 0);
    if (n > 0) {
      const std::size_t searched = received_.size();
      received_.append(buffer.data(), static_cast<std::size_t>(n));
      if (const auto end = received_.find('\n', searched); end != std::string::npos) {
        received_.resize(end);
        return {End::Answer, std::move(received_)};
      }
      if (received_.size() > kMaxAnswerBytes) {
        kill();
        return {End::Flood};
      }
      continue;
    }
    if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR)) {
      // Its side is closed: it is ending. One that closes the socket and stays is ended here.
      for (int i = 0; i < 20 && !gone(); ++i) usleep(10'000);
      kill();
      return {End::Gone};
    }
    const auto now = Clock::now();
    if (now >= deadline) {
      kill();
      return {End::Timeout};
    }
    if (now >= next_look) {
      next_look = now + kPollInterval;
      if (const auto end = over_a_limit()) {
        kill();
        return {*end};
      }
      if (gone()) return {End::Gone};
    }
    const auto wait = std::min(deadline, next_look) - now;
    pollfd entry{
        .fd = socket_, .events = static_cast<short>(POLLIN | (sent < request.size() ? POLLOUT : 0)), .revents = 0};
    poll(&entry, 1, static_cast<int>(std::chrono::ceil<std::chrono::milliseconds>(wait).count()));
  }
}

std::string Child::how_it_ended() const {
  if (WIFSIGNALED(wait_status_)) {
    const int number = WTERMSIG(wait_status_);
    const char* name = sigabbrev_np(number);
    return fmt::format("crashed with SIG{} ({})", name ? name : std::to_string(number), strsignal(number));
  }
  return fmt::format("ended with exit code {}", WEXITSTATUS(wait_status_));
}

std::string Child::said(std::size_t bytes) const {
  struct stat log {};
  if (log_ < 0 || fstat(log_, &log) != 0) return {};
  const off_t start = std::max<off_t>(0, log.st_size - static_cast<off_t>(bytes));
  std::string text(static_cast<std::size_t>(log.st_size - start), '\0');
  const ssize_t n = pread(log_, text.data(), text.size(), start);
  text.resize(n > 0 ? static_cast<std::size_t>(n) : 0);
  if (const auto line = text.find('\n'); start > 0 && line != std::string::npos) text.erase(0, line + 1);
  return text;
}

}  // namespace edgescope::measure
