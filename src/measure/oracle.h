// A runtime's own compiler, asked about one model after another. It lives in a worker process that serves many
// questions, as starting it takes longer than most answers, and is started again after a crash or a time-out,
// which is an answer about that one model.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "measure/worker.h"

namespace edgescope::measure {

class Oracle {
 public:
  explicit Oracle(WorkerSpec spec) : spec_(std::move(spec)) {}

  base::Result<std::vector<std::string>> query(const runtime::LoadRequest& request);
  base::Result<CompileAnswer> compile(const runtime::LoadRequest& request, const runtime::CompileOutputs& outputs);
  base::Result<runtime::Properties> properties();
  base::Result<std::string> version();

  // Worker processes so far; more than one means that the compiler crashed or hung.
  int processes() const { return processes_; }

 private:
  // One that lives.
  base::Result<Worker*> worker();

  WorkerSpec spec_;
  std::optional<Worker> worker_;
  int processes_ = 0;
};

}  // namespace edgescope::measure
