// The stages of a compiled network with what they make, from the execution graph that the plugin gives out: the
// blob knows engines and memory, the graph knows names and shapes.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/error.h"
#include "graph/model.h"

namespace edgescope::target::ncs2 {

struct Stage {
  std::string name;
  std::string kind;                   // as in the blob: "Convert", "MyriadXHwOp"
  std::vector<std::string> injected;  // stages that run within it: "Copy"
  std::vector<std::string> layers;    // of the network that was compiled
  std::uint64_t output_elements = 0;
  bool image = false;  // the result has height and width: kernels work on whole lines of it
};

// In the order of execution. `graph` is what the reader of OpenVINO's IR makes of the plugin's execution graph.
base::Result<std::vector<Stage>> stages_of(const graph::Model& graph);

}  // namespace edgescope::target::ncs2
