// move-first: an operator of single elements and one that moves data behind it change places. What the Edge TPU
// refuses then stands behind what it takes, at the end of the network, and where the mover is a slice, less crosses. A
// largest or smallest element goes first too where the other keeps the order, as a dequantisation does. At the
// network's beginning it is the other way round: what the application gives is quantised before it is moved.
#include <algorithm>
#include <optional>

#include "rewrite/neighbours.h"
#include "rewrite/patch.h"
#include "rewrite/rewrites.h"

namespace edgescope::rewrite {
namespace {

using graph::Kind;

bool moves(Kind kind) {
  switch (kind) {
    case Kind::Transpose:
    case Kind::Slice:
    case Kind::StridedSlice:
    case Kind::Gather:
    case Kind::ResizeNearest:
      return true;
    default:
      return moves_nothing(kind);
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

// Of two operands one of which is a single number.
bool takes_one_number(Kind kind) {
  switch (kind) {
    case Kind::Add:
    case Kind::Subtract:
    case Kind::Multiply:
    case Kind::Divide:
    case Kind::Power:
    case Kind::Maximum:
    case Kind::Minimum:
    case Kind::FloorDivide:
    case Kind::FloorMod:
    case Kind::Equal:
    case Kind::NotEqual:
    case Kind::Less:
    case Kind::LessEqual:
    case Kind::Greater:
    case Kind::GreaterEqual:
      return true;
    default:
      return false;
  }
}

// Which input of an operator of single elements the elements come by.
std::optional<std::size_t> data_of(const graph::Subgraph& graph, const graph::Operator& op) {
  if (op.inputs.size() == 1 && takes_one_element(op.kind)) return 0;
  if (op.inputs.size() != 2 || !takes_one_number(op.kind)) return std::nullopt;
  for (const std::size_t number : {std::size_t{1}, std::size_t{0}}) {
    const graph::Tensor& tensor = graph.tensors[static_cast<std::size_t>(op.inputs[number])];
    // Of no dimensions: broadcast, it gives the other's shape, whatever that becomes.
    if (tensor.constant && tensor.shape.elements() == 1u && tensor.shape.dims.size() <= 1) return 1 - number;
  }
  return std::nullopt;
}

bool chooses(Kind kind) { return kind == Kind::ReduceMax || kind == Kind::ReduceMin; }

bool keeps_order(Kind kind) { return kind == Kind::Dequantize || kind == Kind::Quantize; }

}  // namespace

bool rewrite_move_first(graph::Model& model, graph::Subgraph& graph, int index) {
  const Kind kind = graph.operators[static_cast<std::size_t>(index)].kind;
  if (!moves(kind) && !chooses(kind) && kind != Kind::Quantize) return false;
  const auto second = canonical(model, graph, index);
  if (!second || second->inputs.empty()) return false;
  const int between = second->inputs[0], at = maker(graph, between);
  if (at < 0 || only_reader(graph, between) != index) return false;
  const auto first = canonical(model, graph, at);
  if (!first || first->outputs.size() != 1) return false;
  std::size_t data = 0;
  if (kind == Kind::Quantize) {
    if (!moves(first->kind)) return false;
  } else {
    const auto found = data_of(graph, *first);
    if (!found || (chooses(kind) && !keeps_order(first->kind))) return false;
    data = *found;
  }
  const int x = first->inputs[data], result = second->outputs[0];
  const auto by_channel = [&](int tensor) {
    const auto& quantization = graph.tensors[static_cast<std::size_t>(tensor)].quantization;
    return quantization && quantization->per_channel();
  };
  if (by_channel(x) || by_channel(result) || graph.tensors[static_cast<std::size_t>(x)].constant) return false;
  Patch patch(model, graph, index);
  std::vector<int> inputs = second->inputs;
  inputs[0] = x;
  const int now = patch.again(*second, inputs);
  patch.quantize_like(now, kind == Kind::Quantize ? result : x);
  inputs = first->inputs;
  inputs[data] = now;
  const int then = patch.again(*first, inputs);
  patch.quantize_like(then, result);
  return patch.finish(then);
}

}  // namespace edgescope::rewrite
