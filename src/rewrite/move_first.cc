// move-first: an operator of single elements and one that moves data behind it change places. What the Edge TPU
// refuses then stands behind what it takes, at the end of the network, and where the mover is a slice, less crosses. A
// largest or smallest element goes first too where the other keeps the order, as a dequantisation does.
#include <algorithm>

#include "rewrite/neighbours.h"
#include "rewrite/patch.h"
#include "rewrite/rewrites.h"

namespace edgescope::rewrite {
namespace {

using graph::Kind;

bool moves(Kind kind) {
  switch (kind) {
    case Kind::Reshape:
    case Kind::Flatten:
    case Kind::Squeeze:
    case Kind::Unsqueeze:
    case Kind::Transpose:
    case Kind::Slice:
    case Kind::StridedSlice:
      return true;
    default:
      return false;
  }
}

// Of one input and one result; the elements in the same places.
bool takes_one_element(Kind kind) {
  switch (kind) {
    case Kind::Dequantize:
    case Kind::Quantize:
    case Kind::Cast:
    case Kind::Abs:
    case Kind::Negate:
    case Kind::Exp:
    case Kind::Log:
    case Kind::Sqrt:
    case Kind::Rsqrt:
    case Kind::Square:
    case Kind::Sin:
    case Kind::Cos:
    case Kind::Elu:
    case Kind::Gelu:
    case Kind::LeakyRelu:
    case Kind::HardSwish:
    case Kind::Relu0To1:
    case Kind::Floor:
    case Kind::Ceil:
    case Kind::Round:
    case Kind::Sign:
      return true;
    default:
      return false;
  }
}

bool chooses(Kind kind) { return kind == Kind::ReduceMax || kind == Kind::ReduceMin; }

}  // namespace

bool rewrite_move_first(graph::Model& model, graph::Subgraph& graph, int index) {
  const Kind kind = graph.operators[static_cast<std::size_t>(index)].kind;
  if (!moves(kind) && !chooses(kind)) return false;
  const auto mover = canonical(model, graph, index);
  if (!mover || mover->inputs.empty()) return false;
  const int between = mover->inputs[0], at = maker(graph, between);
  if (at < 0 || only_reader(graph, between) != index) return false;
  auto worker = canonical(model, graph, at);
  if (!worker || !takes_one_element(worker->kind) || worker->inputs.size() != 1) return false;
  if (chooses(kind) && worker->kind != Kind::Dequantize) return false;
  const int x = worker->inputs[0], result = mover->outputs[0];
  const auto by_channel = [&](int tensor) {
    const auto& quantization = graph.tensors[static_cast<std::size_t>(tensor)].quantization;
    return quantization && quantization->per_channel();
  };
  if (by_channel(x) || by_channel(result) || graph.tensors[static_cast<std::size_t>(x)].constant) return false;
  Patch patch(model, graph, index);
  std::vector<int> inputs = mover->inputs;
  inputs[0] = x;
  const int moved = patch.again(*mover, inputs);
  patch.quantize_like(moved, x);
  const int worked = patch.again(*worker, {moved});
  patch.quantize_like(worked, result);
  return patch.finish(worked);
}

}  // namespace edgescope::rewrite
