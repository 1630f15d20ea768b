// identity: operators that give back what they were given, which runtimes may copy for.
#include "rewrite/constants.h"
#include "rewrite/patch.h"
#include "rewrite/rewrites.h"

namespace edgescope::rewrite {

using graph::Kind;

bool rewrite_identity(graph::Model& model, graph::Subgraph& graph, int index) {
  const graph::Operator& op = graph.operators[static_cast<std::size_t>(index)];
  if (op.inputs.empty() || op.outputs.size() != 1) return false;
  const int x = op.inputs[0];
  Patch patch(model, graph, index);
  const graph::Tensor &from = patch.tensor(x), &to = patch.tensor(op.outputs[0]);
  if (!from.shape.is_static() || from.shape.dims != to.shape.dims || from.type != to.type) return false;
  const bool same_numbers = !from.quantization == !to.quantization &&
                            (!from.quantization || (from.quantization->scales == to.quantization->scales &&
                                                    from.quantization->zero_points == to.quantization->zero_points));
  switch (op.kind) {
    case Kind::Identity:
    case Kind::Reshape:
    case Kind::Flatten:
    case Kind::Squeeze:
    case Kind::Unsqueeze:
    case Kind::Expand:
    case Kind::Tile:
    case Kind::Slice:
    case Kind::Cast:
    case Kind::Quantize:
      break;
    case Kind::Floor:
    case Kind::Ceil:
    case Kind::Round:
      if (graph::is_float(from.type) || from.quantization) return false;
      break;
    case Kind::Add:
    case Kind::Subtract:
    case Kind::Multiply:
    case Kind::Divide: {
      // x + 0 changes -0 only; x * 1 and x / 1 change nothing.
      if (op.inputs.size() != 2 || from.quantization ||
          graph::get<std::string>(op.attributes, graph::attr::activation, "none") != "none")
        return false;
      const bool sum = op.kind == Kind::Add || op.kind == Kind::Subtract;
      if (constant_number(patch.tensor(op.inputs[1])) != std::optional(sum ? 0.0 : 1.0)) return false;
      break;
    }
    default:
      return false;
  }
  return same_numbers && patch.finish(x);
}

}  // namespace edgescope::rewrite
