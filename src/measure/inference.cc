#include "measure/inference.h"

namespace edgescope::measure {

base::Result<Inference> infer(const InferenceRequest& request) {
  EDGESCOPE_TRY(worker, Worker::start({.runtime = request.runtime}));
  EDGESCOPE_TRY(answer,
                worker.load({.model = request.model, .threads = request.threads, .properties = request.properties}));
  EDGESCOPE_TRY(result, worker.infer({.rows = request.rows, .seed = request.seed, .inputs = request.inputs}));
  return Inference{.loaded = std::move(answer.loaded), .outputs = std::move(result.outputs)};
}

}  // namespace edgescope::measure
