// byte-function: functions of 8-bit numbers that the Edge TPU lacks, by ones that it has.
//
//   |x|       max(x, (-1) x)
//   exp x     of floats, on the CPU: that of bytes is of a version for which the compiler gives up on the whole network
#include "rewrite/neighbours.h"
#include "rewrite/patch.h"
#include "rewrite/rewrites.h"

namespace edgescope::rewrite {

using graph::ElementType;
using graph::Kind;

bool rewrite_byte_function(graph::Model& model, graph::Subgraph& graph, int index) {
  const Kind kind = graph.operators[static_cast<std::size_t>(index)].kind;
  if (kind != Kind::Abs && kind != Kind::Exp) return false;
  const auto op = canonical(model, graph, index);
  if (!op || op->inputs.size() != 1) return false;
  const int x = op->inputs[0], result = op->outputs[0];
  Patch patch(model, graph, index);
  const graph::Tensor &given = patch.tensor(x), &wanted = patch.tensor(result);
  if (given.type != ElementType::Int8 || wanted.type != ElementType::Int8 || !given.quantization ||
      !wanted.quantization || given.quantization->scales.size() != 1)
    return false;
  const auto like_result = [&](int tensor) {
    patch.quantize_like(tensor, result);
    return tensor;
  };
  if (kind == Kind::Exp) {
    const int power = patch.add(Kind::Exp, {patch.add(Kind::Dequantize, {x})});
    return patch.finish(like_result(patch.add(Kind::Quantize, {power}, {{graph::attr::to, ElementType::Int8}})));
  }
  const int minus_one = patch.constant(ElementType::Int8, {1}, {std::byte{0x81}});
  patch.quantize(minus_one, {.scales = {1.0f / 127}, .zero_points = {0}});
  const int negative = like_result(patch.add(Kind::Multiply, {x, minus_one}));
  // Both sides in the result's steps, which is what a maximum compares.
  const int same = like_result(patch.add(Kind::Quantize, {x}, {{graph::attr::to, ElementType::Int8}}));
  return patch.finish(like_result(patch.add(Kind::Maximum, {same, negative})));
}

}  // namespace edgescope::rewrite
