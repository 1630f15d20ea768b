// The Edge TPU compiler's constraints on one operator, regardless of its neighbours.
#pragma once

#include <optional>

#include "graph/model.h"
#include "target/edgetpu/memory_model.h"
#include "target/verdict.h"

namespace edgescope::target::edgetpu {

// Nothing where the operator can be mapped, else the verdict that keeps it on the CPU.
std::optional<Verdict> obstacle(const graph::Subgraph& subgraph, int op, Compiler compiler);

// False for the few supported kinds that no public log or compiled file shows on the device.
bool seen_mapped(graph::Kind kind);

}  // namespace edgescope::target::edgetpu
