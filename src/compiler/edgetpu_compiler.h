// Drives `edgetpu_compiler`, the vendor's closed compiler for the Edge TPU, and keeps what it says.
//
// It is a program of its own and runs as one: in a composed environment, with a time limit, in a folder of
// its own beside the destination. What it makes is moved into place when all of it is there, so that a
// failure changes nothing. "Internal compiler error. Aborting!" is known to come and go with the same model
// (google-coral/edgetpu #173, #211): after it, and only after it, the compiler is run again.
#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include "base/error.h"
#include "format/edgetpu/compiler_log.h"

namespace edgescope::compiler {

// `given` (a flag's), else what EDGESCOPE_EDGETPU_COMPILER names, else `edgetpu_compiler` along PATH. The
// error says how to get it.
base::Result<std::string> find_edgetpu_compiler(const std::string& given);

struct EdgetpuRequest {
  std::string program;
  std::vector<std::string> models;        // several are compiled together, in this order
  std::vector<std::string> options = {};  // the compiler's own, passed on
  // A folder, made where it is missing, for several files or where it ends with `/`; the file of one model
  // else. Empty: here, named as the compiler names it.
  std::string output = {};
  std::chrono::milliseconds time_limit{600'000};  // of each attempt
  int attempts = 5;
  std::function<bool()> interrupted = {};
  std::function<void(int attempt)> starting = {};  // told before each attempt, from 1 on
};

struct EdgetpuAttempt {
  double seconds = 0;
  std::string how;      // "ended with exit code 1"
  std::string failure;  // the compiler's words, empty where it succeeded
};

struct EdgetpuResult {
  std::vector<std::string> command;  // as it was run; the folder is not there any more
  std::vector<EdgetpuAttempt> attempts;
  std::string log;                                        // what the last attempt printed
  std::vector<format::edgetpu::CompiledModelLog> models;  // the same, read
  std::string failure;                                    // why there is no compiled model; empty where there is
  std::vector<std::vector<std::string>> outputs;  // for each model given: its compiled file, or its segments' in order

  bool compiled() const { return failure.empty(); }
};

// A model that the compiler refuses is a result; an error is what says nothing about the model (a crash, a
// time-out, a folder that cannot be written, the user's Ctrl-C).
base::Result<EdgetpuResult> run_edgetpu_compiler(const EdgetpuRequest& request);

// Segments that the options ask for (`-n N`, `--num_segments=N`); 1 where they ask for none.
int segments_asked_for(const std::vector<std::string>& options);

}  // namespace edgescope::compiler
