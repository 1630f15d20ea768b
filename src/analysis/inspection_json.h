// An inspection as JSON: the one place that says how models, operators and tensors read (docs/json.md).
//
// It is written as text, because a model of ten thousand operators is some hundred thousand values; who
// needs values parses it. Members that would say nothing (false, no quantisation) are left out.
#pragma once

#include "analysis/inspection.h"
#include "base/json_writer.h"

namespace edgescope::analysis {

// The object that documents hold under `model`.
void write_inspection(base::JsonWriter& json, const graph::Model& model, const Inspection& inspection);

// The same as values.
base::Json inspection_json(const graph::Model& model, const Inspection& inspection);

}  // namespace edgescope::analysis
