// The machine as `doctor` and `env` print it.
#pragma once

#include "base/json.h"
#include "machine/check.h"
#include "machine/command_environment.h"

namespace edgescope::machine {

// Members of the document, docs/json.md: `devices`, `openvinos`, `checks`.
base::Json devices_json(const Machine& machine, const std::vector<Judgement>& judgements);
base::Json openvinos_json(const Machine& machine);
base::Json checks_json(const std::vector<Judgement>& judgements);

// Adds what `env --print` shows: `program`, `interpreter`, `need`, `reason`, `openvino`, `changes`.
void add_command_environment(base::Json& document, const CommandEnvironment& composed);

}  // namespace edgescope::machine
