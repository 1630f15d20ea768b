// Which parameters the Edge TPU will stream, for which reason, and what changes that: the answer to "why
// does it stream with room left". Every advice is tried: the changed layers are put into the tiles again,
// and what then streams less is what is promised, with the microseconds of the link law.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "analysis/finding.h"
#include "target/edgetpu/cost.h"
#include "target/edgetpu/memory_model.h"

namespace edgescope::analysis {

struct CachingAdvice {
  std::string change;             // what to do, for people
  std::vector<int> operators;     // to which operators; empty: to the model as a whole
  std::uint64_t saved_bytes = 0;  // streamed less at every inference
  target::Interval saved_us;
};

// Layers that stream for the same reason, and what helps them, the best first.
struct StreamingGroup {
  target::edgetpu::Streams reason = target::edgetpu::Streams::No;
  std::vector<std::size_t> layers;  // of MemoryPrediction::layers
  std::uint64_t bytes = 0;
  target::Interval us;
  std::vector<CachingAdvice> advice;
};

std::vector<StreamingGroup> streaming_groups(const target::edgetpu::MemoryPrediction& memory,
                                             target::edgetpu::Link link);

// The document's `memory` (docs/check.md), advice included.
base::Json memory_json(const target::edgetpu::MemoryPrediction& memory, const std::vector<StreamingGroup>& groups);

// One finding a group, and one for the hidden matrices that odd sizes cause.
std::vector<Finding> caching_findings(const target::edgetpu::MemoryPrediction& memory,
                                      const std::vector<StreamingGroup>& groups, target::edgetpu::Link link);

}  // namespace edgescope::analysis
