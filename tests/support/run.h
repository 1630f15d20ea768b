// Runs a program to its end and keeps what it said, for tests of the built `edgescope` itself.
#pragma once

#include <fcntl.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <string>
#include <utility>
#include <vector>

namespace edgescope::testing_support {

struct Finished {
  int exit = -1;    // as a shell counts: 128 + signal where it was killed, 127 where it could not be started
  std::string out;  // standard output
  std::string err;  // standard error
  double seconds = 0;
  long peak_kib = 0;  // largest resident set, of the program or the child it waited for
};

struct RunOptions {
  std::vector<std::pair<std::string, std::string>> environment = {};  // added to the test's own
  double limit_seconds = 60;                                          // then it is killed: exit is 137
  bool interrupt = false;  // gets Ctrl-C's signal as soon as it says something on stderr
};

// The program that this build made.
inline std::string edgescope_program() { return EDGESCOPE_BINARY_DIR "/edgescope"; }

inline Finished run(const std::string& program, const std::vector<std::string>& arguments,
                    const RunOptions& options = {}) {
  using Clock = std::chrono::steady_clock;
  std::vector<char*> argv = {const_cast<char*>(program.c_str())};
  for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);

  Finished result;
  int out[2], err[2];
  if (::pipe2(out, O_CLOEXEC) != 0 || ::pipe2(err, O_CLOEXEC) != 0) return result;
  const auto start = Clock::now();
  const pid_t child = ::fork();
  if (child == 0) {
    ::dup2(out[1], STDOUT_FILENO);
    ::dup2(err[1], STDERR_FILENO);
    if (const int nothing = ::open("/dev/null", O_RDONLY); nothing >= 0) ::dup2(nothing, STDIN_FILENO);
    for (const auto& [name, value] : options.environment) ::setenv(name.c_str(), value.c_str(), 1);
    ::execvp(program.c_str(), argv.data());
    ::_exit(127);
  }
  ::close(out[1]);
  ::close(err[1]);

  // Both at once, so that neither pipe fills up while the other is read.
  std::array<pollfd, 2> pipes = {pollfd{out[0], POLLIN, 0}, pollfd{err[0], POLLIN, 0}};
  std::array<std::string*, 2> texts = {&result.out, &result.err};
  bool killed = false, interrupted = false;
  while (pipes[0].fd >= 0 || pipes[1].fd >= 0) {
    const double left = options.limit_seconds - std::chrono::duration<double>(Clock::now() - start).count();
    if (left <= 0 && !std::exchange(killed, true)) ::kill(child, SIGKILL);
    ::poll(pipes.data(), pipes.size(), left > 0 ? static_cast<int>(left * 1000) + 1 : 1000);
    for (std::size_t i = 0; i < pipes.size(); ++i) {
      if (pipes[i].fd < 0 || pipes[i].revents == 0) continue;
      char buffer[65536];
      const ssize_t got = ::read(pipes[i].fd, buffer, sizeof buffer);
      if (got > 0) texts[i]->append(buffer, static_cast<std::size_t>(got));
      if (got > 0 && i == 1 && options.interrupt && !std::exchange(interrupted, true)) ::kill(child, SIGINT);
      if (got > 0 || (got < 0 && errno == EINTR)) continue;
      ::close(std::exchange(pipes[i].fd, -1));
    }
  }
  int status = 0;
  rusage usage{};
  while (::wait4(child, &status, 0, &usage) < 0 && errno == EINTR) {
  }
  result.exit = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  result.seconds = std::chrono::duration<double>(Clock::now() - start).count();
  result.peak_kib = usage.ru_maxrss;
  return result;
}

}  // namespace edgescope::testing_support
