// How a model falls into parts that run on a device and parts that run on the CPU, and what crosses
// between them at every inference.
#pragma once

#include <cstdint>
#include <vector>

#include "graph/model.h"

namespace edgescope::target {

// A run of operators on one side, and what crosses to it from the other side at every inference.
struct Partition {
  bool on_device = false;
  std::vector<int> operators;
  std::uint64_t bytes_in = 0, bytes_out = 0;
};

// What one operator exchanges with operators of the other side (never with the model's inputs and
// outputs): the traffic that it causes by being where it is.
struct Crossing {
  std::uint64_t bytes_in = 0, bytes_out = 0;
  int transitions = 0;  // 1 where it only takes from or only gives to the other side, 2 where it does both
};

struct Placement {
  std::vector<Partition> partitions;  // in execution order
  std::vector<Crossing> crossings;    // by operator
  int transitions = 0;                // changes of side along the way
  std::uint64_t boundary_bytes = 0;   // tensors that cross between device and CPU, once each
};

// `mapped` says of each operator of the subgraph whether it runs on the device. Operators are taken in an
// order that keeps each side together as long as dependencies allow, as compilers and delegates do.
Placement place(const graph::Subgraph& subgraph, const std::vector<bool>& mapped);

// Bytes of a tensor as the host sees it; 0 where its size is not known.
std::uint64_t tensor_bytes(const graph::Tensor& tensor);

}  // namespace edgescope::target
