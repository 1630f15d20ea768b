#include "measure/oracle.h"

namespace edgescope::measure {

base::Result<Worker*> Oracle::worker() {
  if (!worker_ || !worker_->alive()) {
    EDGESCOPE_TRY(started, Worker::start(spec_));
    worker_.emplace(std::move(started));
    ++processes_;
  }
  return &*worker_;
}

base::Result<std::vector<std::string>> Oracle::query(const runtime::LoadRequest& request) {
  EDGESCOPE_TRY(alive, worker());
  return alive->query(request);
}

base::Result<CompileAnswer> Oracle::compile(const runtime::LoadRequest& request,
                                            const runtime::CompileOutputs& outputs) {
  EDGESCOPE_TRY(alive, worker());
  return alive->compile(request, outputs);
}

base::Result<runtime::Properties> Oracle::properties() {
  EDGESCOPE_TRY(alive, worker());
  return alive->properties();
}

base::Result<std::string> Oracle::version() {
  EDGESCOPE_TRY(alive, worker());
  return alive->version();
}

}  // namespace edgescope::measure
