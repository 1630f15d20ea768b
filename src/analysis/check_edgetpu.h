// `check` and `predict` for the Edge TPU: mapping, the caching law, and the link law put together.
#pragma once

#include <string>

#include "base/error.h"
#include "base/json.h"
#include "graph/model.h"
#include "target/edgetpu/cost.h"
#include "target/edgetpu/memory_model.h"

namespace edgescope::analysis {

struct EdgeTpuOptions {
  target::edgetpu::Compiler compiler = target::edgetpu::Compiler::V16;
  target::edgetpu::Link link = target::edgetpu::Link::Usb3;
  int megahertz = 500;

  bool operator==(const EdgeTpuOptions&) const = default;
};

// A TFLite model that computes on 8-bit values and is not compiled yet: worth a check without being asked.
bool meant_for_edgetpu(const graph::Model& model);

// What a document of `check` holds for this device (docs/check.md): verdict, operators, placement, findings,
// memory, prediction.
base::Json check_edgetpu(const graph::Model& model, const EdgeTpuOptions& options);

// The same and, in `compiled`, how far the prediction is from what the compiled file holds.
base::Result<base::Json> check_edgetpu_against(const graph::Model& model, const graph::Model& compiled,
                                               const EdgeTpuOptions& options);

// What a document of `predict` holds: of a source model by the laws, of a compiled one from its bytes.
// `source`, where given, is what a compiled model was made from: it says how much is computed.
base::Result<base::Json> predict_edgetpu(const graph::Model& model, const graph::Model* source,
                                         const EdgeTpuOptions& options);

}  // namespace edgescope::analysis
