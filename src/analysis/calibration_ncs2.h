// What 16-bit floats make of a network's values on real inputs: it runs on the CPU in 32 bits, every intermediate
// result is looked at, and every comparison is done again with its operands rounded.
//
// The device rounds after each step and so drifts further: what is found here it has at least.
#pragma once

#include <string>
#include <vector>

#include "analysis/finding.h"
#include "base/error.h"
#include "base/json.h"
#include "graph/model.h"
#include "runtime/catalog.h"

namespace edgescope::analysis {

struct Ncs2Calibration {
  base::Json json;  // `calibration` of a document of `check` (docs/ncs2.md)
  std::vector<Finding> findings;
};

// `files` hold rows for the inputs, in their order (analysis/given_inputs.h). `cpu` is a runtime that can give out
// intermediate results: ie2021:CPU.
base::Result<Ncs2Calibration> calibrate_ncs2(const graph::Model& model, const std::vector<std::string>& files,
                                             runtime::Found cpu);

}  // namespace edgescope::analysis
