// What a network needs to run whole on a device, done and proven: converted where the device's software does not read
// its format, rewritten where the device does not take it as it is (fix.h). Where that does not get it there, the
// route that does. Of the CPU, which takes everything: what is computed for nothing, and what its rewrites gain.
#pragma once

#include <functional>
#include <string>

#include "base/error.h"
#include "base/json.h"
#include "graph/model.h"
#include "measure/sampler.h"
#include "rewrite/proof.h"

namespace edgescope::rewrite {

struct ReadyRequest {
  std::string target;   // "edgetpu", "ncs2", "cpu"
  std::string folder;   // where the file is written
  bool keep = false;    // the folder is the user's: the file may be named
  bool rewrite = true;  // else only said what the device makes of the model as it is
  ProofRequest proof;
  measure::Plan plan = {};  // of measuring what the CPU gains
  std::function<bool(const std::string& doing)> going_on = [](const std::string&) { return true; };
};

// One of the array `fixes` of a document (docs/fix.md), null for a CPU that there is nothing to do for. `file` is what
// the model was read from. The one error is Fault::interrupted: that nothing can be done is an answer.
base::Result<base::Json> ready(const graph::Model& model, const std::string& file, const ReadyRequest& request);

}  // namespace edgescope::rewrite
