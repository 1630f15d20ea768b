// Which operators of a source model the Edge TPU compiler maps to the device, before compiling.
//
// Constraints per operator are those that Coral publishes (and that are marked where no public source
// was seen); statuses are the compiler's own words. Then the single-subgraph rule: the compiler makes
// one Edge TPU subgraph, so an operator that needs a result that went through the CPU after leaving
// the device stays on the CPU as well.
#pragma once

#include <vector>

#include "base/error.h"
#include "graph/model.h"
#include "target/edgetpu/memory_model.h"
#include "target/verdict.h"

namespace edgescope::target::edgetpu {

// Statuses as compilers from 1.0 to 16 print them.
namespace status {
inline constexpr std::string_view mapped = "Mapped to Edge TPU";
inline constexpr std::string_view subgraph = "More than one subgraph is not supported";
inline constexpr std::string_view data_type = "Operation is working on an unsupported data type";
inline constexpr std::string_view rank = "Tensor has unsupported rank (up to 3 innermost dimensions mapped)";
inline constexpr std::string_view limitation = "Operation is otherwise supported, but not mapped due to some unspecified limitation";
inline constexpr std::string_view unsupported = "Operation not supported";
inline constexpr std::string_view not_constant = "Filter, bias, or other param is not constant at compile-time";
inline constexpr std::string_view precision = "Image-interpolation layer won't run precisely enough on Edge TPU";
}  // namespace status

struct MappingResult {
  bool compiles = true;   // false where the whole compile would fail: `failure` says why
  std::string failure;
  std::vector<Verdict> operators;  // one for each operator of the subgraph, in its order
  int stop = -1;                   // the first operator, in execution order, that ends the Edge TPU subgraph

  std::vector<bool> mapped() const;
};

MappingResult map_operators(const graph::Subgraph& subgraph, Compiler compiler = Compiler::V16);

// A run of operators on one side, and what crosses to it from the other side at every inference.
struct Partition {
  bool on_device = false;
  std::vector<int> operators;
  std::uint64_t bytes_in = 0, bytes_out = 0;
};

struct Placement {
  std::vector<Partition> partitions;  // in execution order
  int transitions = 0;                // changes of side along the way
  std::uint64_t boundary_bytes = 0;   // tensors that cross between device and CPU, once each
};
Placement place(const graph::Subgraph& subgraph, const std::vector<bool>& mapped);

}  // namespace edgescope::target::edgetpu
