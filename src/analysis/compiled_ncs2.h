// What the vendor's compiler makes of a network for the NCS2: its stages and memory as `inspect` shows a blob's, with
// the names of the stages, what is lost in them, and the time by the stage law.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "analysis/finding.h"
#include "base/error.h"
#include "base/json.h"
#include "graph/model.h"
#include "measure/oracle.h"
#include "target/prediction.h"

namespace edgescope::analysis {

struct Ncs2Compiled {
  std::optional<base::Error> refusal;  // in the compiler's words; a crash is one too
  double compile_us = 0;               // measured, the compiler on this machine
  base::Json myriad;                   // null where it was refused
  std::vector<Finding> findings;
  std::optional<target::Prediction> prediction;  // where the runtime tells what its stages make

  bool compiles() const { return !refusal; }
};

struct Ncs2Compile {
  std::map<std::string, std::string> settings = {};  // of the plugin
  std::string blob = {};                             // where to write it; empty: nowhere
  bool half_ends = false;                            // inputs and outputs of 16-bit floats (runtime/session.h)
};

// An error only where the compiler cannot be asked.
base::Result<Ncs2Compiled> compile_ncs2(const graph::Model& model, measure::Oracle& oracle, const Ncs2Compile& options);

// The same of a blob that is there already: no names, no time.
base::Result<Ncs2Compiled> compiled_ncs2(const std::string& blob);

}  // namespace edgescope::analysis
