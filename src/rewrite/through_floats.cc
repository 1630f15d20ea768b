// through-floats: functions of whole numbers whose stages on the NCS2 take floats only, between conversions. The device
// holds whole numbers up to 2,048 as they are, in floats as well; larger ones it rounds.
#include "rewrite/neighbours.h"
#include "rewrite/patch.h"
#include "rewrite/rewrites.h"

namespace edgescope::rewrite {
namespace {

using graph::ElementType;
using graph::Kind;

bool floats_only(Kind kind) {
  switch (kind) {
    case Kind::Relu:
    case Kind::Relu6:
    case Kind::Clamp:
    case Kind::Power:
    case Kind::FloorMod:
    case Kind::Exp:
    case Kind::Sqrt:
    case Kind::ReduceMean:
    case Kind::ReduceMax:
    case Kind::ReduceSum:
    case Kind::Expand:
    case Kind::Tile:
    case Kind::Pad:
      return true;
    default:
      return false;
  }
}

}  // namespace

bool rewrite_through_floats(graph::Model& model, graph::Subgraph& graph, int index) {
  if (!floats_only(graph.operators[static_cast<std::size_t>(index)].kind)) return false;
  const auto op = canonical(model, graph, index);
  if (!op || op->outputs.size() != 1) return false;
  Patch patch(model, graph, index);
  const ElementType type = patch.tensor(op->inputs[0]).type;
  if ((type != ElementType::Int32 && type != ElementType::Int64) || patch.tensor(op->outputs[0]).type != type)
    return false;
  std::vector<int> inputs = op->inputs;
  for (int& input : inputs) input = patch.cast(input, ElementType::Float32);
  const int made = patch.again(*op, inputs);
  return patch.finish(patch.cast(made, type));
}

}  // namespace edgescope::rewrite
