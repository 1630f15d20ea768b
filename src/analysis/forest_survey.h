// Every strategy of a tree ensemble on every target: whether it runs there and why not, what it weighs and whether
// that fits, and how long a run takes: measured on the CPU's runtimes, predicted for the devices.
//
// CPU programs of one batch are sampled in turns in one go, as `bench` does with runtimes, so that a slow minute of
// the machine hits all alike. Programs that are predicted to be hopeless keep their prediction.
#pragma once

#include <string>
#include <vector>

#include "analysis/check_edgetpu.h"
#include "analysis/forest_build.h"
#include "base/error.h"
#include "base/json.h"
#include "measure/sampler.h"
#include "runtime/catalog.h"

namespace edgescope::analysis {

struct ForestSurveyRequest {
  std::vector<runtime::Found> runtimes;  // for the CPU
  runtime::Places places;
  bool ask_plugin = true;  // the NCS2's, where it is here; else its rules and the stage law alone
  int threads = 1;
  std::vector<int> batches = {1, 1000};
  measure::Plan plan;
  EdgeTpuOptions edgetpu;
  std::string folder;  // for the programs
};

// The array `programs` (docs/forest.md#analyze). A program that cannot be made or run is a record with the reason; the
// one error of the whole is Fault::interrupted.
base::Result<base::Json> forest_survey(const forest::Ensemble& ensemble, const ForestSurveyRequest& request,
                                       const measure::Hooks& hooks);

}  // namespace edgescope::analysis
