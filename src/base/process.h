// A child process that cannot hurt its parent: it has a process group of its own, the environment that was
// composed for it, none of the descriptors that are open here, and it ends when the thread that started it
// ends. Whoever owns the object owns the process; with the object goes the whole group.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"

namespace edgescope::base {

struct ProcessSpec {
  std::string program;                             // a path
  std::vector<std::string> arguments = {};         // without the program's own name
  std::map<std::string, std::string> environment;  // all of it: nothing is inherited
  std::string folder = {};                         // where it starts; empty: here
  int in = -1;                                     // descriptors that become its stdin, stdout and stderr;
  int out = -1, err = -1;                          // -1: /dev/null
};

// PATH, HOME, LANG and TMPDIR as they are here: what any program needs to run, and nothing that changes
// what it computes.
std::map<std::string, std::string> plain_environment();

class Process {
 public:
  static Result<Process> start(const ProcessSpec& spec);
  Process() = default;  // none
  Process(Process&& other) noexcept;
  Process& operator=(Process&& other) noexcept;
  ~Process() { kill(); }

  bool alive() const { return pid_ > 0; }
  int pid() const { return pid_; }
  bool gone();  // whether it has ended by itself; then its group is ended too
  void kill();

  std::uint64_t resident_bytes() const;
  // Of a process that is not alive:
  std::optional<int> exit_code() const;  // nothing where a signal ended it
  std::string how_it_ended() const;      // "crashed with SIGSEGV (Segmentation fault)", "ended with exit code 3"

 private:
  int pid_ = -1;
  int wait_status_ = 0;
};

}  // namespace edgescope::base
