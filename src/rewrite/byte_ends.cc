// byte-ends: a quantisation that comes first and a dequantisation that comes last go, which the Edge TPU's compiler
// leaves to the CPU: the network takes and gives the bytes, as TFLite's converter makes it with inference_input_type
// and inference_output_type int8.
#include <algorithm>

#include "rewrite/neighbours.h"
#include "rewrite/rewrites.h"

namespace edgescope::rewrite {
namespace {

bool among(const std::vector<int>& tensors, int tensor) {
  return std::find(tensors.begin(), tensors.end(), tensor) != tensors.end();
}

bool is_read_by_others(const graph::Subgraph& graph, int tensor, int than) {
  for (std::size_t i = 0; i < graph.operators.size(); ++i)
    if (static_cast<int>(i) != than && among(graph.operators[i].inputs, tensor)) return true;
  return false;
}

}  // namespace

bool rewrite_byte_ends(graph::Model&, graph::Subgraph& graph, int index) {
  const graph::Operator& op = graph.operators[static_cast<std::size_t>(index)];
  if (op.inputs.size() != 1 || op.outputs.size() != 1) return false;
  const int from = op.inputs[0], to = op.outputs[0];
  const bool first = op.kind == graph::Kind::Quantize && among(graph.inputs, from) && !among(graph.outputs, from) &&
                     !among(graph.outputs, to) && !is_read_by_others(graph, from, index);
  const bool last = op.kind == graph::Kind::Dequantize && among(graph.outputs, to) && maker(graph, from) >= 0 &&
                    !among(graph.outputs, from) && !is_read_by_others(graph, to, index);
  if (!first && !last) return false;
  const int end = first ? from : to, inside = first ? to : from;
  const graph::Tensor bytes = graph.tensors[static_cast<std::size_t>(inside)];
  graph::Tensor& given = graph.tensors[static_cast<std::size_t>(end)];
  const bool floats = given.type == graph::ElementType::Float32;
  const bool one_scale = bytes.quantization && bytes.quantization->scales.size() == 1;
  if (!floats || !one_scale || graph::element_bits(bytes.type) != 8) return false;
  // The end keeps its name and place.
  given.type = bytes.type;
  given.quantization = bytes.quantization;
  graph.operators.erase(graph.operators.begin() + index);
  for (graph::Operator& each : graph.operators) {
    std::replace(each.inputs.begin(), each.inputs.end(), inside, end);
    std::replace(each.outputs.begin(), each.outputs.end(), inside, end);
  }
  return true;
}

}  // namespace edgescope::rewrite
