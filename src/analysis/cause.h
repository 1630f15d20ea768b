// Why two runs of a network differ, as far as that can be told: from where they part, and from what the runtimes say.
#pragma once

#include <string>

#include "analysis/divergence.h"
#include "graph/model.h"
#include "runtime/session.h"

namespace edgescope::analysis {

struct Cause {
  std::string id;    // "requantisation", "lower-precision", ..., "not-known" (docs/compare.md)
  std::string text;  // a sentence or two
};

struct CauseSide {
  const graph::Model& model;
  const std::string& on;
  const runtime::Loaded& loaded;
};

// `worst` is what the outputs show; `divergence` null where nobody looked for it.
Cause cause(const CauseSide& reference, const CauseSide& other, const Difference& worst, const Divergence* divergence);

}  // namespace edgescope::analysis
