// What an inference will move over the link, told from a source model before it is compiled.
//
// Inputs and outputs follow from shapes: the device pads channels of an output to 4 and every transfer to
// 8 bytes, as compiled files do. Streamed parameters come from the caching law. Instructions cannot be
// derived from a graph: they are an assumption, bytes for each mapped operator as compiled networks have.
#pragma once

#include <string>
#include <vector>

#include "graph/model.h"
#include "target/edgetpu/cost.h"
#include "target/edgetpu/memory_model.h"
#include "target/partition.h"

namespace edgescope::target::edgetpu {

struct SourceTraffic {
  TrafficRange per_inference;
  int calls = 0;  // parts on the device, each a call
  std::vector<std::string> assumptions;
};

// `subgraph` with static shapes (mapping.h), `mapped` as place() got it.
SourceTraffic source_traffic(const graph::Subgraph& subgraph, const std::vector<bool>& mapped,
                             const Placement& placement, const MemoryPrediction& memory);

// Bytes of one tensor on the link.
std::uint64_t input_bytes(const graph::Tensor& tensor);
std::uint64_t output_bytes(const graph::Tensor& tensor);

}  // namespace edgescope::target::edgetpu
