// Several compiled models that take turns on one stick: who keeps the cache, and what each switch costs.
//
// What is sent follows from the driver's rule (target/edgetpu/driver_cache.h), run on the models' own
// bytes, so bytes are exact; microseconds are what the link law predicts for them on USB 3.
#pragma once

#include <string>
#include <vector>

#include "analysis/compiled_edgetpu.h"
#include "analysis/finding.h"

namespace edgescope::analysis {

struct CacheMember {
  std::string file;
  std::vector<EdgeTpuOperator> operators;  // none where it is no compiled model
};

// The document's `edgetpu_cache` member (docs/json.md).
base::Json edgetpu_cache_json(const std::vector<CacheMember>& members);

std::vector<Finding> edgetpu_cache_findings(const std::vector<CacheMember>& members);

}  // namespace edgescope::analysis
