// fold: an operator whose inputs are all constants becomes the constant that it makes. fold-quantized: the same of
// what quantisation left on weights, where the last bit depends on who computes it.
#include <algorithm>
#include <memory>

#include "graph/evaluate.h"
#include "rewrite/neighbours.h"
#include "rewrite/patch.h"
#include "rewrite/rewrites.h"

namespace edgescope::rewrite {
namespace {

using graph::Kind;

// A constant that is repeated may be far longer than what it is made of; files are not to grow by it.
constexpr std::size_t kGrowth = 4, kSmall = 4096;

// Of these every runtime makes the same bits.
bool exact(Kind kind) {
  switch (kind) {
    case Kind::Add:
    case Kind::Subtract:
    case Kind::Multiply:
    case Kind::Negate:
    case Kind::Relu:
    case Kind::Equal:
    case Kind::NotEqual:
    case Kind::Less:
    case Kind::LessEqual:
    case Kind::Greater:
    case Kind::GreaterEqual:
    case Kind::LogicalAnd:
    case Kind::LogicalOr:
    case Kind::LogicalXor:
    case Kind::LogicalNot:
    case Kind::Select:
    case Kind::Cast:
    case Kind::Reshape:
    case Kind::Flatten:
    case Kind::Squeeze:
    case Kind::Unsqueeze:
    case Kind::Transpose:
    case Kind::Concatenation:
    case Kind::Pack:
    case Kind::Slice:
    case Kind::StridedSlice:
    case Kind::Pad:
    case Kind::Tile:
    case Kind::Expand:
    case Kind::Gather:
      return true;
    default:
      return false;
  }
}

bool fold(graph::Model& model, graph::Subgraph& graph, int index) {
  const graph::Operator& given = graph.operators[static_cast<std::size_t>(index)];
  if (given.inputs.empty() || given.outputs.size() != 1) return false;
  std::size_t bytes = 0;
  for (const int input : given.inputs) {
    if (input < 0) continue;
    const graph::Tensor& tensor = graph.tensors[static_cast<std::size_t>(input)];
    if (!tensor.constant) return false;
    bytes += tensor.data.size();
  }
  const graph::Tensor& result = graph.tensors[static_cast<std::size_t>(given.outputs[0])];
  const auto elements = result.shape.elements();
  const auto made = elements ? graph::packed_bytes(result.type, *elements) : std::nullopt;
  if (!made || *made > std::max(kGrowth * bytes, kSmall)) return false;
  const auto op = canonical(model, graph, index);
  if (!op) return false;
  std::vector<graph::Value> values;
  values.reserve(op->inputs.size());
  std::vector<const graph::Value*> inputs;
  for (const int input : op->inputs) {
    if (input < 0) {
      inputs.push_back(nullptr);
      continue;
    }
    auto value = graph::value_of(graph.tensors[static_cast<std::size_t>(input)]);
    if (!value) return false;
    values.push_back(*std::move(value));
    inputs.push_back(&values.back());
  }
  const graph::Tensor* results[] = {&result};
  auto answer = graph::evaluate(*op, inputs, model.layout, results);
  if (!answer || answer->size() != 1) return false;
  const int old = given.outputs[0];
  Patch patch(model, graph, index);
  const int constant = patch.constant(answer->front().type, answer->front().dims, std::move(answer->front().data));
  patch.quantize_like(constant, old);
  return patch.finish(constant);
}

}  // namespace

bool rewrite_fold(graph::Model& model, graph::Subgraph& graph, int index) {
  return exact(graph.operators[static_cast<std::size_t>(index)].kind) && fold(model, graph, index);
}

bool rewrite_fold_quantized(graph::Model& model, graph::Subgraph& graph, int index) {
  const Kind kind = graph.operators[static_cast<std::size_t>(index)].kind;
  return (kind == Kind::FakeQuantize || kind == Kind::Dequantize || kind == Kind::Divide) && fold(model, graph, index);
}

}  // namespace edgescope::rewrite
