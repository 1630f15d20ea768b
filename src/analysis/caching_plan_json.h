// The document's `plan` member: how to compile one or several models (docs/json.md).
#pragma once

#include <vector>

#include "base/json.h"
#include "target/edgetpu/plan.h"

namespace edgescope::analysis {

base::Json caching_plan_json(const std::vector<target::edgetpu::PlanModel>& models,
                             const target::edgetpu::PlanRequest& request, const target::edgetpu::Plan& plan);

}  // namespace edgescope::analysis
