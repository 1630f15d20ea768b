// activations: those that a device lacks, by ones that it has. HardSigmoid is Clamp(alpha x + beta, 0, 1), Selu is
// gamma Elu(x) with that alpha, HSigmoid Clamp(x / 6 + 1 / 2, 0, 1).
#include <optional>
#include <string_view>

#include "rewrite/constants.h"
#include "rewrite/patch.h"
#include "rewrite/rewrites.h"

namespace edgescope::rewrite {

using graph::Kind;
namespace attr = graph::attr;

namespace {

// A parameter that is an attribute, or a constant input of one number.
std::optional<double> parameter(const graph::Subgraph& graph, const graph::Operator& op, std::string_view name,
                                std::size_t input) {
  if (const graph::Attribute* found = graph::find(op.attributes, name))
    if (const double* value = std::get_if<double>(found)) return *value;
  if (op.inputs.size() <= input || op.inputs[input] < 0) return std::nullopt;
  return constant_number(graph.tensors[static_cast<std::size_t>(op.inputs[input])]);
}

}  // namespace

bool rewrite_activation(graph::Model& model, graph::Subgraph& graph, int index) {
  const graph::Operator& op = graph.operators[static_cast<std::size_t>(index)];
  if (op.inputs.empty() || op.outputs.size() != 1) return false;
  const int x = op.inputs[0];
  const Kind kind = op.kind;
  const auto alpha = parameter(graph, op, "alpha", 1);
  const auto beta = parameter(graph, op, kind == Kind::Selu ? "gamma" : "beta", 2);
  Patch patch(model, graph, index);
  const graph::ElementType type = patch.tensor(x).type;
  if (!graph::is_float(type)) return false;
  const auto line = [&](double slope, double offset) {
    const int scaled = patch.add(Kind::Multiply, {x, patch.number(slope, type)});
    return patch.add(Kind::Clamp, {patch.add(Kind::Add, {scaled, patch.number(offset, type)})},
                     {{attr::min, 0.0}, {attr::max, 1.0}});
  };
  switch (kind) {
    case Kind::HardSigmoid:
      return alpha && beta && patch.finish(line(*alpha, *beta));
    case Kind::HSigmoid:
      return patch.finish(line(1.0 / 6, 0.5));
    case Kind::Selu: {
      if (!alpha || !beta) return false;
      const int elu = patch.add(Kind::Elu, {x}, {{attr::alpha, *alpha}});
      return patch.finish(patch.add(Kind::Multiply, {elu, patch.number(*beta, type)}));
    }
    default:
      return false;
  }
}

}  // namespace edgescope::rewrite
