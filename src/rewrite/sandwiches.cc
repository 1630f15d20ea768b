// sandwich: a transposition or a reshape, operators that look at one element at a time, and the transposition or
// reshape back. Both go.
#include <algorithm>

#include "rewrite/constants.h"
#include "rewrite/neighbours.h"
#include "rewrite/patch.h"
#include "rewrite/rewrites.h"

namespace edgescope::rewrite {
namespace {

namespace attr = graph::attr;
using graph::Kind;
using graph::Operator;
using Ints = std::vector<std::int64_t>;

bool takes_one_element(Kind kind) {
  switch (kind) {
    case Kind::Relu:
    case Kind::Relu6:
    case Kind::ReluN1To1:
    case Kind::Relu0To1:
    case Kind::Clamp:
    case Kind::LeakyRelu:
    case Kind::Elu:
    case Kind::Selu:
    case Kind::HardSigmoid:
    case Kind::Logistic:
    case Kind::Tanh:
    case Kind::HardSwish:
    case Kind::Gelu:
    case Kind::Exp:
    case Kind::Log:
    case Kind::Sqrt:
    case Kind::Rsqrt:
    case Kind::Square:
    case Kind::Abs:
    case Kind::Negate:
    case Kind::Sign:
    case Kind::Floor:
    case Kind::Ceil:
    case Kind::Round:
    case Kind::Sin:
    case Kind::Cos:
    case Kind::LogicalNot:
    case Kind::Cast:
    case Kind::Quantize:
    case Kind::Dequantize:
      return true;
    default:
      return false;
  }
}

bool with_one_number(Kind kind) {
  return kind == Kind::Add || kind == Kind::Subtract || kind == Kind::Multiply || kind == Kind::Divide ||
         kind == Kind::Maximum || kind == Kind::Minimum || kind == Kind::Power;
}

bool per_channel(const graph::Tensor& tensor) { return tensor.quantization && tensor.quantization->per_channel(); }

}  // namespace

bool rewrite_sandwich(graph::Model& model, graph::Subgraph& graph, int index) {
  const Kind bread = graph.operators[static_cast<std::size_t>(index)].kind;
  if (bread != Kind::Transpose && !moves_nothing(bread)) return false;
  const auto back = canonical(model, graph, index);
  if (!back) return false;
  std::vector<Operator> filling;  // the last first
  int x = back->inputs[0];
  while (true) {
    const int at = maker(graph, x);
    if (at < 0 || only_reader(graph, x) < 0 || per_channel(graph.tensors[static_cast<std::size_t>(x)])) return false;
    auto op = canonical(model, graph, at);
    if (!op || op->outputs.size() != 1) return false;
    if (bread != Kind::Transpose && moves_nothing(op->kind)) {
      const auto& given = graph.tensors[static_cast<std::size_t>(op->inputs[0])].shape;
      const auto& wanted = graph.tensors[static_cast<std::size_t>(back->outputs[0])].shape;
      if (filling.empty() || !given.is_static() || given.dims != wanted.dims) return false;
      x = op->inputs[0];
      break;
    }
    if (bread == Kind::Transpose && op->kind == Kind::Transpose) {
      const Ints there = graph::get<Ints>(op->attributes, attr::permutation),
                 here = graph::get<Ints>(back->attributes, attr::permutation);
      if (there.empty() || there.size() != here.size() || filling.empty()) return false;
      for (std::size_t i = 0; i < here.size(); ++i)
        if (there[static_cast<std::size_t>(here[i])] != static_cast<std::int64_t>(i)) return false;
      x = op->inputs[0];
      break;
    }
    std::size_t data = 0;
    if (with_one_number(op->kind) && op->inputs.size() == 2) {
      const auto& first = graph.tensors[static_cast<std::size_t>(op->inputs[0])];
      data = first.constant ? 1 : 0;
      const auto& other = graph.tensors[static_cast<std::size_t>(op->inputs[1 - data])];
      if (!other.constant || other.shape.elements() != 1u) return false;
    } else if (!takes_one_element(op->kind) || op->inputs.size() != 1) {
      return false;
    }
    const int from = op->inputs[data];
    op->inputs = {data == 0 ? from : op->inputs[0], data == 0 && op->inputs.size() == 2 ? op->inputs[1] : from};
    if (data == 0 && takes_one_element(op->kind)) op->inputs.resize(1);
    filling.push_back(*std::move(op));
    x = from;
  }
  Patch patch(model, graph, index);
  for (auto op = filling.rbegin(); op != filling.rend(); ++op) {
    const int old = op->outputs[0];
    std::vector<int> inputs = op->inputs;
    if (inputs.size() == 2 && graph.tensors[static_cast<std::size_t>(inputs[0])].constant)
      inputs[1] = x;
    else
      inputs[0] = x;
    x = patch.again(*op, inputs);
    patch.quantize_like(x, old);
  }
  return patch.finish(x);
}

}  // namespace edgescope::rewrite
