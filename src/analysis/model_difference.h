// What is different between two models, whatever their formats: `inspect NEW -- OLD`, after bloaty's diff.
//
// Operators and tensors are matched by name where both sides have it once, operators without such a match
// by the longest common run of kind and output shapes in the files' orders. Weights are compared by
// content, and only where type, shape and size are equal already.
#pragma once

#include "analysis/inspection.h"
#include "base/json.h"

namespace edgescope::analysis {

// The object that documents hold under `differences`: `totals`, `owners`, `kinds` ({new, old, change} each),
// `operators` and `tensors` ({added, removed, changed}).
base::Json model_difference(const graph::Model& model, const Inspection& inspection, const graph::Model& old_model,
                            const Inspection& old_inspection);

}  // namespace edgescope::analysis
