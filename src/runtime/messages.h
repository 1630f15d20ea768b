// Turns what a runtime wrote when it failed into an error that names the cause, above all the operator
// that it does not have.
#pragma once

#include <string>
#include <string_view>

#include "base/error.h"

namespace edgescope::runtime {

// `what` says what was being done ("cannot load the model"), `log` is the runtime's own words.
base::Error runtime_error(std::string_view runtime, const std::string& what, const std::string& model,
                          std::string_view log);

// What this process has written to stderr since `start()`: the runtimes' loggers have no other outlet.
// Works where stderr is a file (as in workers, whose parent reads it too), else it is empty.
class StderrSince {
 public:
  StderrSince();
  std::string text() const;

 private:
  long start_ = -1;
};

}  // namespace edgescope::runtime
