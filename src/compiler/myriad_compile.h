// Drives `myriad_compile`, the vendor's offline compiler for the NCS2: a program of OpenVINO up to 2021.3 (and of
// the archives after it) that writes a blob without a stick.
//
// It closes every descriptor up to the limit before it begins, which takes minutes where the limit is a million: it
// gets a limit of its own.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "base/error.h"

namespace edgescope::compiler {

// `given` (a flag's), else what EDGESCOPE_MYRIAD_COMPILE names, else that of the folder `runtimes`, else
// `myriad_compile` along PATH.
base::Result<std::string> find_myriad_compile(const std::string& given, const std::string& runtimes);

struct MyriadRequest {
  std::string program;
  std::string model;
  std::string blob;                                  // where it is written
  std::map<std::string, std::string> settings = {};  // as a configuration file
  std::vector<std::string> options = {};             // the compiler's own, passed on
  std::chrono::milliseconds time_limit{600'000};
  std::function<bool()> interrupted = {};
};

struct MyriadResult {
  std::vector<std::string> command;
  std::string version;
  std::string failure;  // the compiler's words; empty where it wrote the blob
  double seconds = 0;
};

// A network that the compiler refuses, or crashes at, is a result.
base::Result<MyriadResult> run_myriad_compile(const MyriadRequest& request);

}  // namespace edgescope::compiler
