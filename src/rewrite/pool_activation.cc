// pool-activation: an activation that is fused into a pooling, a concatenation or a transposed convolution, which the
// Edge TPU's compiler refuses, as an operator of its own.
#include "rewrite/neighbours.h"
#include "rewrite/patch.h"
#include "rewrite/rewrites.h"

namespace edgescope::rewrite {

using graph::Kind;

bool rewrite_pool_activation(graph::Model& model, graph::Subgraph& graph, int index) {
  const Kind kind = graph.operators[static_cast<std::size_t>(index)].kind;
  if (kind != Kind::AveragePool && kind != Kind::MaxPool && kind != Kind::Concatenation &&
      kind != Kind::TransposedConvolution)
    return false;
  auto op = canonical(model, graph, index);
  if (!op) return false;
  const std::string fused = graph::get<std::string>(op->attributes, graph::attr::activation, "none");
  const Kind activation = fused == "relu"           ? Kind::Relu
                          : fused == "relu6"        ? Kind::Relu6
                          : fused == "relu_n1_to_1" ? Kind::ReluN1To1
                                                    : Kind::Unknown;
  if (activation == Kind::Unknown) return false;
  std::erase_if(op->attributes, [](const auto& attribute) { return attribute.first == graph::attr::activation; });
  const int result = op->outputs[0];
  Patch patch(model, graph, index);
  const int plain = patch.again(*op, op->inputs);
  patch.quantize_like(plain, result);
  return patch.finish(patch.add(activation, {plain}));
}

}  // namespace edgescope::rewrite
