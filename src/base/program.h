// Runs a program to its end and keeps what it says: for tools that do one job and stop. A worker that
// answers questions is measure::Child.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "base/error.h"

namespace edgescope::base {

struct ProgramSpec {
  std::string program;  // a path
  std::vector<std::string> arguments = {};
  std::map<std::string, std::string> environment = {};  // all of it
  std::string folder = {};                              // where it starts; empty: here
  std::chrono::milliseconds time_limit{600'000};
  std::function<bool()> interrupted = {};  // asked now and then; true ends the program
};

struct ProgramRun {
  enum class End {
    Exit,     // by itself: `exit_code`
    Crash,    // by a signal
    Timeout,  // the others were ended here
    Flood,    // it wrote without end
    Interrupted,
  };
  End end = End::Exit;
  int exit_code = -1;  // of an Exit
  std::string how;     // "ended with exit code 3", "gave no answer within 600 s and was stopped"
  std::string output;  // its stdout and stderr, in the order in which they were written
  double seconds = 0;
};

// Fails only where the program cannot be started.
Result<ProgramRun> run_program(const ProgramSpec& spec);

// Where the shell would find `name`: the first executable file of that name along PATH, or "".
std::string find_program(const std::string& name);

}  // namespace edgescope::base
