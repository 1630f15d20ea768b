// What a fix gains in time on the CPU: the model before and after, sampled in turns by fresh processes of one runtime
// (measure/sampler.h), so that what disturbs one disturbs the other. The device's own gain it does not tell.
#pragma once

#include <string>
#include <vector>

#include "base/json.h"
#include "graph/model.h"
#include "measure/sampler.h"
#include "runtime/catalog.h"

namespace edgescope::rewrite {

struct Gain {
  std::string on;
  measure::Measurement before, after;
  measure::Comparison comparison;  // time after / time before
};

struct Side {
  std::string file;
  graph::Format format;
};

// On the first runtime here that reads both formats. An error where there is none, or either does not run.
base::Result<Gain> measure_gain(const Side& before, const Side& after, const runtime::Places& places,
                                const measure::Plan& plan, const measure::Hooks& hooks);

// `measured` of a document (docs/fix.md).
base::Json to_json(const Gain& gain);

}  // namespace edgescope::rewrite
