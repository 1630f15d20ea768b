#include "target/edgetpu/mapping.h"

#include <fmt/format.h>

#include <algorithm>

#include "graph/uses.h"
#include "target/edgetpu/operator_rules.h"

namespace edgescope::target::edgetpu {
namespace {

using graph::Subgraph;
using graph::Tensor;

// What makes the compiler refuse the whole model, not one operator.
std::string whole_failure(const Subgraph& subgraph) {
  for (const Tensor& tensor : subgraph.tensors)
    if (tensor.shape.known && !tensor.shape.is_static())
      return fmt::format("`{}` has the dynamic shape {}: the compiler takes static shapes only", tensor.name, tensor.shape.text());
  const bool quantized = std::any_of(subgraph.tensors.begin(), subgraph.tensors.end(), [](const Tensor& tensor) {
    return !tensor.constant && (tensor.type == graph::ElementType::Int8 || tensor.type == graph::ElementType::UInt8);
  });
  if (!quantized) return "no tensor is int8 or uint8: the model is not quantised";
  return {};
}

}  // namespace

std::vector<bool> MappingResult::mapped() const {
  std::vector<bool> result;
  for (const Verdict& verdict : operators) result.push_back(verdict.mapping == Mapping::Mapped);
  return result;
}

MappingResult map_operators(const Subgraph& subgraph, Compiler compiler) {
  MappingResult result;
  result.failure = whole_failure(subgraph);
  result.compiles = result.failure.empty();
  result.operators.resize(subgraph.operators.size());
  const std::vector<int> order = graph::execution_order(subgraph);

  // Per tensor: it was computed on the CPU from something that came off the device.
  std::vector<bool> left_device(subgraph.tensors.size(), false);
  std::vector<bool> on_device(subgraph.tensors.size(), false);
  for (int op : order) {
    const graph::Operator& o = subgraph.operators[static_cast<std::size_t>(op)];
    Verdict& verdict = result.operators[static_cast<std::size_t>(op)];
    bool late = false, from_device = false;
    for (int tensor : o.inputs) {
      if (tensor < 0) continue;
      late = late || left_device[static_cast<std::size_t>(tensor)];
      from_device = from_device || on_device[static_cast<std::size_t>(tensor)];
    }
    if (auto found = obstacle(subgraph, op, compiler)) {
      verdict = std::move(*found);
    } else if (late) {
      verdict = {.op = op, .mapping = Mapping::Cpu, .status = std::string(status::subgraph),
                 .reason = "it needs a result that was computed on the CPU behind the device",
                 .remedy = "replace the operators that end the Edge TPU subgraph, or move them to the end"};
    } else {
      verdict = {.op = op, .mapping = Mapping::Mapped, .status = std::string(status::mapped)};
    }
    const bool mapped = verdict.mapping == Mapping::Mapped;
    if (!mapped && from_device && result.stop < 0) result.stop = op;
    for (int tensor : o.outputs) {
      if (tensor < 0) continue;
      on_device[static_cast<std::size_t>(tensor)] = mapped;
      left_device[static_cast<std::size_t>(tensor)] = !mapped && (late || from_device);
    }
  }
  return result;
}

Placement place(const Subgraph& subgraph, const std::vector<bool>& mapped) {
  Placement placement;
  const graph::Uses use = graph::uses(subgraph);
  const auto bytes = [&](int tensor) {
    const Tensor& t = subgraph.tensors[static_cast<std::size_t>(tensor)];
    return graph::packed_bytes(t.type, t.shape.elements().value_or(0)).value_or(0);
  };
  std::vector<int> partition_of(subgraph.operators.size(), -1);
  for (int op : graph::execution_order(subgraph)) {
    const bool device = mapped[static_cast<std::size_t>(op)];
    if (placement.partitions.empty() || placement.partitions.back().on_device != device) placement.partitions.push_back({.on_device = device});
    partition_of[static_cast<std::size_t>(op)] = static_cast<int>(placement.partitions.size()) - 1;
    placement.partitions.back().operators.push_back(op);
  }
  placement.transitions = std::max(0, static_cast<int>(placement.partitions.size()) - 1);
  for (std::size_t tensor = 0; tensor < subgraph.tensors.size(); ++tensor) {
    if (subgraph.tensors[tensor].constant) continue;
    const int producer = use.producer[tensor];
    const bool made_on_device = producer >= 0 && mapped[static_cast<std::size_t>(producer)];
    const std::uint64_t size = bytes(static_cast<int>(tensor));
    std::vector<int> readers;  // partitions on the other side
    for (int consumer : use.consumers[tensor])
      if (mapped[static_cast<std::size_t>(consumer)] != made_on_device) {
        const int partition = partition_of[static_cast<std::size_t>(consumer)];
        if (std::find(readers.begin(), readers.end(), partition) == readers.end()) readers.push_back(partition);
      }
    const bool output = std::find(subgraph.outputs.begin(), subgraph.outputs.end(), static_cast<int>(tensor)) != subgraph.outputs.end();
    if (readers.empty() && !(made_on_device && output)) continue;
    placement.boundary_bytes += size;
    if (producer >= 0) placement.partitions[static_cast<std::size_t>(partition_of[static_cast<std::size_t>(producer)])].bytes_out += size;
    for (int reader : readers) placement.partitions[static_cast<std::size_t>(reader)].bytes_in += size;
  }
  return placement;
}

}  // namespace edgescope::target::edgetpu
