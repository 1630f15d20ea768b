// `check`, `compile` and `predict` for the NCS2: the rules alone, or the vendor's compiler and what it makes of the
// network, with the rules beside it.
#pragma once

#include "analysis/compiled_ncs2.h"
#include "base/error.h"
#include "base/json.h"
#include "graph/model.h"
#include "measure/oracle.h"

namespace edgescope::analysis {

// What a document of `check` holds by the rules (docs/ncs2.md).
base::Json check_ncs2(const graph::Model& model);

// The same with the vendor's verdict: `verdict` is the compiler's, `predicted_verdict` the rules', `oracle` what it
// said, `myriad` what it made, `prediction` the time by the stage law. That the network does not compile is an
// answer; an error only where the oracle cannot be asked.
base::Result<base::Json> check_ncs2_by_oracle(const graph::Model& model, measure::Oracle& oracle,
                                              const Ncs2Compile& options);

// What a document of `compile` holds: the compiler's verdict, what it made, and whether the rules foresaw it. Without
// `compiled` there was no compiler, and the rules stand alone.
base::Json compile_ncs2_json(const graph::Model& model, const Ncs2Compiled* compiled);

// What a document of `predict` holds. A network that does not compile has no time: Fault::input with the compiler's
// words.
base::Result<base::Json> predict_ncs2(const graph::Model& model, measure::Oracle& oracle, const Ncs2Compile& options);

}  // namespace edgescope::analysis
