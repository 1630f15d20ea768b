#include "measure/command.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

namespace edgescope::measure {

base::Result<int> run_command(const Command& command) {
  std::vector<std::string> words = command.words;
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  // What exec answers comes back through a pipe that a successful exec closes.
  int failure[2];
  if (pipe2(failure, O_CLOEXEC) != 0)
    return base::fail(
        {.fault = base::Fault::runtime, .what = std::string("cannot make a pipe: ") + std::strerror(errno)});
  struct sigaction ignore {
  }, before{};
  ignore.sa_handler = SIG_IGN;
  sigaction(SIGINT, &ignore, &before);
  const pid_t child = fork();
  if (child == 0) {
    prctl(PR_SET_PDEATHSIG, SIGTERM);  // what we started does not outlive us
    signal(SIGINT, SIG_DFL);
    signal(SIGPIPE, SIG_DFL);
    for (const auto& [name, value] : command.environment) setenv(name.c_str(), value.c_str(), 1);
    if (command.output_to_stderr) dup2(STDERR_FILENO, STDOUT_FILENO);
    execvp(arguments[0], arguments.data());
    const int error = errno;
    [[maybe_unused]] const ssize_t written = write(failure[1], &error, sizeof error);
    _exit(127);
  }
  close(failure[1]);
  int error = 0, status = 0;
  const bool failed = child < 0 || read(failure[0], &error, sizeof error) == static_cast<ssize_t>(sizeof error);
  close(failure[0]);
  while (child > 0 && waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  sigaction(SIGINT, &before, nullptr);
  if (failed)
    return base::fail({.fault = base::Fault::missing,
                       .what = std::string("cannot be started: ") + std::strerror(error),
                       .file = command.words.front()});
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

}  // namespace edgescope::measure
