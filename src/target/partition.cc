#include "target/partition.h"

#include <algorithm>

#include "graph/uses.h"

namespace edgescope::target {
namespace {

using graph::Subgraph;

// All operators that can run on one side are taken before sides are changed. Which side begins is
// tried both ways: the fewest changes count.
std::vector<Partition> partitions(const Subgraph& subgraph, const std::vector<bool>& mapped, const graph::Uses& use,
                                  bool begin_on_device) {
  std::vector<int> waiting(subgraph.operators.size(), 0);  // inputs not computed yet
  std::vector<std::vector<int>> ready(2);
  const auto count_inputs = [&](std::size_t op) {
    std::vector<int> producers;
    for (int tensor : subgraph.operators[op].inputs)
      if (tensor >= 0 && use.producer[static_cast<std::size_t>(tensor)] >= 0) producers.push_back(tensor);
    std::sort(producers.begin(), producers.end());
    return static_cast<int>(std::unique(producers.begin(), producers.end()) - producers.begin());
  };
  const auto enqueue = [&](int op) { ready[mapped[static_cast<std::size_t>(op)] ? 1 : 0].push_back(op); };
  for (std::size_t op = 0; op < waiting.size(); ++op)
    if ((waiting[op] = count_inputs(op)) == 0) enqueue(static_cast<int>(op));
  std::vector<Partition> result;
  bool device = begin_on_device;
  for (; !ready[0].empty() || !ready[1].empty(); device = !device) {
    std::vector<int>& queue = ready[device ? 1 : 0];
    if (queue.empty()) continue;
    Partition& partition = result.emplace_back();
    partition.on_device = device;
    while (!queue.empty()) {
      const auto first = std::min_element(queue.begin(), queue.end());
      const int op = *first;
      queue.erase(first);
      partition.operators.push_back(op);
      for (int tensor : subgraph.operators[static_cast<std::size_t>(op)].outputs) {
        if (tensor < 0) continue;
        for (int consumer : use.consumers[static_cast<std::size_t>(tensor)])
          if (--waiting[static_cast<std::size_t>(consumer)] == 0) enqueue(consumer);
      }
    }
  }
  return result;
}

}  // namespace

std::uint64_t tensor_bytes(const graph::Tensor& tensor) {
  return graph::packed_bytes(tensor.type, tensor.shape.elements().value_or(0)).value_or(0);
}

Placement place(const Subgraph& subgraph, const std::vector<bool>& mapped) {
  const graph::Uses use = graph::uses(subgraph);
  Placement placement;
  placement.crossings.resize(subgraph.operators.size());
  placement.partitions = partitions(subgraph, mapped, use, false);
  if (auto other = partitions(subgraph, mapped, use, true); other.size() < placement.partitions.size())
    placement.partitions = std::move(other);
  placement.transitions = std::max(0, static_cast<int>(placement.partitions.size()) - 1);
  std::vector<std::size_t> partition_of(subgraph.operators.size(), 0);
  for (std::size_t p = 0; p < placement.partitions.size(); ++p)
    for (int op : placement.partitions[p].operators) partition_of[static_cast<std::size_t>(op)] = p;

  for (std::size_t tensor = 0; tensor < subgraph.tensors.size(); ++tensor) {
    if (subgraph.tensors[tensor].constant) continue;
    const int producer = use.producer[tensor];
    const bool made_on_device = producer >= 0 && mapped[static_cast<std::size_t>(producer)];
    const std::uint64_t size = tensor_bytes(subgraph.tensors[tensor]);
    std::vector<std::size_t> readers;  // partitions on the other side
    for (int consumer : use.consumers[tensor]) {
      if (mapped[static_cast<std::size_t>(consumer)] == made_on_device) continue;
      if (producer >= 0) placement.crossings[static_cast<std::size_t>(consumer)].bytes_in += size;
      const std::size_t partition = partition_of[static_cast<std::size_t>(consumer)];
      if (std::find(readers.begin(), readers.end(), partition) == readers.end()) readers.push_back(partition);
    }
    const bool output =
        std::find(subgraph.outputs.begin(), subgraph.outputs.end(), static_cast<int>(tensor)) != subgraph.outputs.end();
    if (producer >= 0 && !readers.empty()) placement.crossings[static_cast<std::size_t>(producer)].bytes_out += size;
    if (readers.empty() && !(made_on_device && output)) continue;
    placement.boundary_bytes += size;
    if (producer >= 0) placement.partitions[partition_of[static_cast<std::size_t>(producer)]].bytes_out += size;
    for (std::size_t reader : readers) placement.partitions[reader].bytes_in += size;
  }
  for (Crossing& crossing : placement.crossings)
    crossing.transitions = (crossing.bytes_in > 0) + (crossing.bytes_out > 0);
  return placement;
}

}  // namespace edgescope::target
