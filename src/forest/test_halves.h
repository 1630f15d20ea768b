// A program computed in 16-bit floats throughout, as the NCS2 computes: constants and rows are rounded to them, and
// every operator's result, every product and every partial sum is (graph/evaluate.h).
#pragma once

#include <cstring>
#include <list>

#include "base/half.h"
#include "graph/evaluate.h"

namespace edgescope::forest::test {

class InHalves {
 public:
  // Of a model whose operators are in canonical form.
  explicit InHalves(const graph::Model& model) : graph_(model.subgraphs.front()) {
    for (graph::Tensor& tensor : graph_.tensors) {
      if (tensor.type != graph::ElementType::Float32) continue;
      if (tensor.constant) tensor.data = constants_.emplace_back(rounded(tensor.data));
      tensor.type = graph::ElementType::Float16;
    }
  }

  // The only output for values of the only input, as numbers.
  base::Result<std::vector<float>> run(std::span<const float> values, graph::HalfSums sums) const {
    const graph::Tensor& input = graph_.tensors[static_cast<std::size_t>(graph_.inputs.front())];
    const std::vector<graph::Value> given = {
        {graph::ElementType::Float16, input.shape.dims, rounded(std::as_bytes(values))}};
    EDGESCOPE_TRY(made, graph::evaluate(graph_, graph::Layout::ChannelsFirst, given, sums));
    std::vector<float> answer;
    const graph::Value& output = made.front();
    const std::size_t width = output.type == graph::ElementType::Float16 ? 2 : 4;
    for (std::size_t at = 0; at < output.data.size(); at += width) {
      std::uint16_t half = 0;
      std::int32_t integer = 0;
      std::memcpy(width == 2 ? static_cast<void*>(&half) : &integer, output.data.data() + at, width);
      answer.push_back(width == 2 ? base::from_half(half) : static_cast<float>(integer));
    }
    return answer;
  }

 private:
  static std::vector<std::byte> rounded(std::span<const std::byte> floats) {
    std::vector<std::byte> halves(floats.size() / 2);
    for (std::size_t i = 0; i < halves.size() / 2; ++i) {
      float value = 0;
      std::memcpy(&value, floats.data() + 4 * i, 4);
      const std::uint16_t half = base::to_half(value);
      std::memcpy(halves.data() + 2 * i, &half, 2);
    }
    return halves;
  }

  graph::Subgraph graph_;
  std::list<std::vector<std::byte>> constants_;
};

}  // namespace edgescope::forest::test
