// The machine as `doctor` prints it.
#pragma once

#include "base/json.h"
#include "machine/check.h"

namespace edgescope::machine {

// Members of the document, docs/json.md: `devices`, `openvinos`, `checks`.
base::Json devices_json(const Machine& machine, const std::vector<Judgement>& judgements);
base::Json openvinos_json(const Machine& machine);
base::Json checks_json(const std::vector<Judgement>& judgements);

}  // namespace edgescope::machine
