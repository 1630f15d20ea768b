// fake-quantize: what training with quantisation left in the network, which the NCS2 refuses, as the clamp, the line
// and the rounding that it is: round((clamp(x, l, h) - l) / (h - l) * (n - 1)) / (n - 1) * (h' - l') + l'.
#include <array>

#include "rewrite/constants.h"
#include "rewrite/neighbours.h"
#include "rewrite/patch.h"
#include "rewrite/rewrites.h"

namespace edgescope::rewrite {

bool rewrite_fake_quantize(graph::Model& model, graph::Subgraph& graph, int index) {
  using graph::Kind;
  namespace attr = graph::attr;
  if (graph.operators[static_cast<std::size_t>(index)].kind != Kind::FakeQuantize) return false;
  const auto op = canonical(model, graph, index);
  if (!op || op->inputs.size() != 5) return false;
  std::array<double, 4> ends;
  for (std::size_t i = 0; i < ends.size(); ++i) {
    const auto end = constant_number(graph.tensors[static_cast<std::size_t>(op->inputs[i + 1])]);
    if (!end) return false;
    ends[i] = *end;
  }
  const auto levels = graph::get<std::int64_t>(op->attributes, attr::levels);
  const auto [low, high, out_low, out_high] = ends;
  if (levels < 2 || !(high > low)) return false;
  const int x = op->inputs[0];
  Patch patch(model, graph, index);
  const graph::ElementType type = patch.tensor(x).type;
  if (!graph::is_float(type)) return false;
  const auto line = [&](int t, double scale, double offset) {
    const int scaled = patch.add(Kind::Multiply, {t, patch.number(scale, type)});
    return patch.add(Kind::Add, {scaled, patch.number(offset, type)});
  };
  const double steps = static_cast<double>(levels - 1);
  const int inside = patch.add(Kind::Clamp, {x}, {{attr::min, low}, {attr::max, high}});
  const int step = patch.add(Kind::Round, {line(inside, steps / (high - low), -low * steps / (high - low))});
  return patch.finish(line(step, (out_high - out_low) / steps, out_low));
}

}  // namespace edgescope::rewrite
