// `check`, `compile` and `predict` for the NCS2: the rules alone, or the vendor's compiler and what it makes of the
// network, with the rules beside it.
#pragma once

#include <map>
#include <string>

#include "base/error.h"
#include "base/json.h"
#include "graph/model.h"
#include "measure/oracle.h"

namespace edgescope::analysis {

// What a document of `check` holds by the rules (docs/ncs2.md).
base::Json check_ncs2(const graph::Model& model);

struct Ncs2Compile {
  std::map<std::string, std::string> settings;  // of the plugin
  std::string blob;                             // where to write it; empty: nowhere
};

// The same with the vendor's verdict: `verdict` is the compiler's, `predicted_verdict` the rules', `oracle` what it
// said, `myriad` what it made, `prediction` the time by the stage law. That the network does not compile is an
// answer; an error only where the oracle cannot be asked.
base::Result<base::Json> check_ncs2_by_oracle(const graph::Model& model, measure::Oracle& oracle,
                                              const Ncs2Compile& options);

}  // namespace edgescope::analysis
