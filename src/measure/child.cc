#include "measure/child.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
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

base::Error cannot(const std::string& what) {
  return {.fault = base::Fault::runtime, .what = fmt::format("cannot {}: {}", what, std::strerror(errno))};
}

}  // namespace

base::Result<Child> Child::start(const ChildSpec& spec) {
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
  auto process = base::Process::start({.program = spec.program,
                                       .environment = spec.environment,
                                       .in = sockets[1],
                                       .out = sockets[1],
                                       .err = child.log_});
  close(sockets[1]);
  if (!process) {
    if (process.error().fault == base::Fault::missing) process.error().remedy = "`make build` makes it.";
    return base::fail(std::move(process).error());
  }
  child.process_ = std::move(*process);
  return child;
}

Child::Child(Child&& other) noexcept { *this = std::move(other); }

Child& Child::operator=(Child&& other) noexcept {
  std::swap(process_, other.process_);
  std::swap(socket_, other.socket_);
  std::swap(log_, other.log_);
  std::swap(memory_limit_, other.memory_limit_);
  std::swap(received_, other.received_);
  return *this;
}

Child::~Child() {
  kill();
  if (socket_ >= 0) close(socket_);
  if (log_ >= 0) close(log_);
}

std::optional<Child::End> Child::over_a_limit() const {
  struct stat log {};
  if (fstat(log_, &log) == 0 && log.st_size > kMaxLogBytes) return End::Flood;
  if (memory_limit_ > 0 && process_.resident_bytes() > memory_limit_) return End::Memory;
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
    if (!process_.alive()) return {End::Gone};
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
      for (int i = 0; i < 20 && !process_.gone(); ++i) usleep(10'000);
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
      if (process_.gone()) return {End::Gone};
    }
    const auto wait = std::min(deadline, next_look) - now;
    pollfd entry{
        .fd = socket_, .events = static_cast<short>(POLLIN | (sent < request.size() ? POLLOUT : 0)), .revents = 0};
    poll(&entry, 1, static_cast<int>(std::chrono::ceil<std::chrono::milliseconds>(wait).count()));
  }
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
