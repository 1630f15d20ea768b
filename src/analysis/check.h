// What a device will make of a model, told before any vendor tool has seen it: the part of `check` that is
// the same for every device. What a device alone has (the Edge TPU's memory) is in check_<device>.h.
#pragma once

#include <functional>
#include <utility>
#include <vector>

#include "analysis/finding.h"
#include "graph/model.h"
#include "target/prediction.h"
#include "target/target.h"

namespace edgescope::analysis {

// The members `target`, `software`, `basis`, `verdict`, `failure`, `operators` and `placement` of a document
// of `check` (docs/check.md). `subgraph` is the main one with the shapes that the device's compiler sees.
base::Json check_json(const graph::Subgraph& subgraph, const target::Target& target, const target::Check& check,
                      const target::Placement& placement);

// A prediction as documents hold it: `basis`, `interval_us`, `terms`, `assumptions`, `millijoules` where it has them.
base::Json prediction_json(const target::Prediction& prediction);

// What bytes cost that go to the device and come back, and what one more call to it costs.
struct CrossingCost {
  std::function<target::Interval(std::uint64_t)> in, out;
  target::Interval call;
};

// Findings of the mapping: a compile that fails, operators that stay on the CPU, and what that costs.
std::vector<Finding> mapping_findings(const graph::Subgraph& subgraph, const target::Target& target,
                                      const target::Check& check, const target::Placement& placement,
                                      const CrossingCost& cost);

}  // namespace edgescope::analysis
