#include "target/edgetpu/source_traffic.h"

#include <fmt/format.h>

#include <algorithm>

#include "graph/uses.h"

namespace edgescope::target::edgetpu {
namespace {

// Per mapped operator, of the compiled networks at hand: 1,361 B (a pose network) to 8,283 B (flattened
// fully connected ones). One network with 9x9 kernels on 300x300 maps has 67,000 B.
constexpr std::uint64_t kInstructionsLow = 1300, kInstructionsHigh = 8300;

std::uint64_t align(std::uint64_t value, std::uint64_t to) { return (value + to - 1) / to * to; }

}  // namespace

std::uint64_t input_bytes(const graph::Tensor& tensor) { return align(tensor_bytes(tensor), 8); }

std::uint64_t output_bytes(const graph::Tensor& tensor) {
  const std::uint64_t bytes = tensor_bytes(tensor);
  const auto& dims = tensor.shape.dims;
  if (dims.empty() || dims.back() <= 0 || bytes == 0) return align(bytes, 8);
  const auto channels = static_cast<std::uint64_t>(dims.back());
  return align(bytes / channels * align(channels, 4), 8);
}

SourceTraffic source_traffic(const graph::Subgraph& subgraph, const std::vector<bool>& mapped,
                             const Placement& placement, const MemoryPrediction& memory) {
  SourceTraffic result;
  Traffic& low = result.per_inference.low;
  const graph::Uses use = graph::uses(subgraph);
  for (std::size_t i = 0; i < subgraph.tensors.size(); ++i) {
    const graph::Tensor& tensor = subgraph.tensors[i];
    if (tensor.constant || tensor.variable) continue;
    const int producer = use.producer[i];
    const bool made = producer >= 0 && mapped[static_cast<std::size_t>(producer)];
    const auto on_device = [&](int op) { return mapped[static_cast<std::size_t>(op)]; };
    const bool read = std::any_of(use.consumers[i].begin(), use.consumers[i].end(), on_device);
    const bool left =
        std::any_of(use.consumers[i].begin(), use.consumers[i].end(), [&](int op) { return !on_device(op); }) ||
        std::find(subgraph.outputs.begin(), subgraph.outputs.end(), static_cast<int>(i)) != subgraph.outputs.end();
    if (!made && read) low.input += input_bytes(tensor);
    if (made && left) low.output += output_bytes(tensor);
  }
  result.per_inference.high = low;
  result.per_inference.low.parameters = memory.streamed_low;
  result.per_inference.high.parameters = memory.streamed_high;
  const auto operators = static_cast<std::uint64_t>(std::count(mapped.begin(), mapped.end(), true));
  result.per_inference.low.instructions = kInstructionsLow * operators;
  result.per_inference.high.instructions = kInstructionsHigh * operators;
  result.calls = static_cast<int>(std::count_if(placement.partitions.begin(), placement.partitions.end(),
                                                [](const Partition& p) { return p.on_device; }));
  result.assumptions.push_back(fmt::format(
      "instructions are assumed: {} to {} B for each of the {} mapped operators, as 10 compiled networks have "
      "(large kernels on large maps: up to 67000)",
      kInstructionsLow, kInstructionsHigh, operators));
  result.assumptions.push_back(
      "input that is read again and scratch that spills to the host are not included: the graph does not tell them");
  return result;
}

}  // namespace edgescope::target::edgetpu
