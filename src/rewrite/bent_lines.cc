// bent-line: activations that the Edge TPU lacks, by those that it has.
//
//   LEAKY_RELU   PRELU with the same slope for every channel
//   HARD_SWISH   x times RELU6(x + 3), times a sixth
//
//   GELU         x times LOGISTIC(1.702 x), which is another function, up to 0.0204 away
//
// Quantised values round at other places, by a step or two.
#include "rewrite/neighbours.h"
#include "rewrite/patch.h"
#include "rewrite/rewrites.h"

namespace edgescope::rewrite {
namespace {

namespace attr = graph::attr;
using graph::ElementType;
using graph::Kind;

// A positive number as the largest step of int8, so that it is kept to a float's precision; a negative one likewise.
int step_constant(Patch& patch, double value, std::int64_t elements) {
  const std::int8_t step = value < 0 ? -127 : 127;
  std::vector<std::byte> data(static_cast<std::size_t>(elements), std::byte(static_cast<std::uint8_t>(step)));
  const int made = patch.constant(ElementType::Int8, {elements}, std::move(data));
  patch.quantize(made, {.scales = {static_cast<float>(value / step)}, .zero_points = {0}});
  return made;
}

bool quantized_int8(const graph::Tensor& tensor) {
  return tensor.type == ElementType::Int8 && tensor.quantization && tensor.quantization->scales.size() == 1;
}

}  // namespace

bool rewrite_bent_line(graph::Model& model, graph::Subgraph& graph, int index) {
  const Kind kind = graph.operators[static_cast<std::size_t>(index)].kind;
  if (kind != Kind::LeakyRelu && kind != Kind::HardSwish) return false;
  const auto op = canonical(model, graph, index);
  if (!op) return false;
  const int x = op->inputs[0], result = op->outputs[0];
  Patch patch(model, graph, index);
  const auto dims = patch.tensor(x).shape.dims;
  if (!quantized_int8(patch.tensor(x)) || !quantized_int8(patch.tensor(result)) || dims.empty()) return false;
  if (kind == Kind::LeakyRelu) {
    const double alpha = graph::get<double>(op->attributes, attr::alpha, 0.0);
    if (alpha == 0) return false;
    const int bent = patch.add(Kind::Prelu, {x, step_constant(patch, alpha, dims.back())});
    patch.quantize_like(bent, result);
    return patch.finish(bent);
  }
  const int moved = patch.add(Kind::Add, {x, step_constant(patch, 3, 1)}, {{attr::activation, "relu6"}});
  patch.quantize(moved, {.scales = {6.0f / 255}, .zero_points = {-128}});
  // From 0 to 1 instead of from 0 to 6.
  const int gate = patch.add(Kind::Multiply, {moved, step_constant(patch, 1.0 / 6, 1)});
  patch.quantize(gate, {.scales = {1.0f / 255}, .zero_points = {-128}});
  const int gated = patch.add(Kind::Multiply, {x, gate});
  patch.quantize_like(gated, result);
  return patch.finish(gated);
}

bool rewrite_gelu(graph::Model& model, graph::Subgraph& graph, int index) {
  if (graph.operators[static_cast<std::size_t>(index)].kind != Kind::Gelu) return false;
  const auto op = canonical(model, graph, index);
  if (!op) return false;
  const int x = op->inputs[0], result = op->outputs[0];
  Patch patch(model, graph, index);
  if (!quantized_int8(patch.tensor(x)) || !quantized_int8(patch.tensor(result))) return false;
  constexpr double kSlope = 1.702;
  const int steeper = patch.add(Kind::Multiply, {x, step_constant(patch, kSlope, 1)});
  graph::Quantization scales = *patch.tensor(x).quantization;
  for (float& scale : scales.scales) scale *= static_cast<float>(kSlope);
  patch.quantize(steeper, std::move(scales));
  const int gate = patch.add(Kind::Logistic, {steeper});
  patch.quantize(gate, {.scales = {1.0f / 256}, .zero_points = {-128}});
  const int gated = patch.add(Kind::Multiply, {x, gate});
  patch.quantize_like(gated, result);
  return patch.finish(gated);
}

}  // namespace edgescope::rewrite
