#include "graph/evaluate.h"

#include <fmt/format.h>

#include <algorithm>

#include "graph/elements.h"
#include "graph/evaluation.h"
#include "graph/uses.h"

namespace edgescope::graph {
namespace {

using evaluation::Case;
using evaluation::Values;

// Kinds that say what quantised elements become; all others would take them for plain integers.
bool knows_quantization(const Operator& op) {
  switch (op.kind) {
    case Kind::Quantize:
    case Kind::Dequantize:
    case Kind::Identity:
    case Kind::Reshape:
    case Kind::Squeeze:
    case Kind::Unsqueeze:
    case Kind::Transpose:
    case Kind::Split:
    case Kind::Slice:
    case Kind::StridedSlice:
    case Kind::Unpack:
    case Kind::Expand:
    case Kind::Tile:
      return true;
    default:
      return false;
  }
}

// An activation that is part of another operator.
base::Status activate(const Case& c, Values& values) {
  const auto name = c.get<std::string>(attr::activation, "none");
  if (name == "none") return {};
  const auto kind = kind_from_name(name);
  if (!kind) return c.refuse(fmt::format("its activation `{}` is not known", name));
  for (Value& each : values) {
    const Value* input = &each;
    EDGESCOPE_TRY(made, evaluate(Operator{.kind = *kind}, std::span(&input, 1), c.layout));
    each = std::move(made.front());
  }
  return {};
}

}  // namespace

tl::unexpected<base::Error> evaluation::Case::refuse(std::string why) const {
  return base::fail({.what = fmt::format("{} of constants: {}", kind_name(op.kind), why), .node = op.name});
}

std::optional<Value> value_of(const Tensor& tensor) {
  auto data = packed_elements(tensor);
  if (!data) return std::nullopt;
  return Value{tensor.type, tensor.shape.dims, *std::move(data), tensor.quantization};
}

base::Result<std::vector<Value>> evaluate(const Operator& op, std::span<const Value* const> inputs, Layout layout,
                                          std::span<const Tensor* const> results, HalfSums half_sums) {
  std::vector<Tensor> tensors(inputs.size());
  std::vector<const Tensor*> pointers;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    if (inputs[i] != nullptr) {
      tensors[i].type = inputs[i]->type;
      tensors[i].shape.dims = inputs[i]->dims;
    }
    pointers.push_back(inputs[i] == nullptr ? nullptr : &tensors[i]);
  }
  EDGESCOPE_TRY(made, infer(op, pointers, layout));
  const Case c{op, inputs, results, made, layout, half_sums};
  if (!knows_quantization(op))
    for (const Value* each : inputs)
      if (each != nullptr && each->quantization != nullptr) return c.refuse("its inputs are quantised");
  for (const auto family : {evaluation::element_wise, evaluation::arrange, evaluation::reduce, evaluation::products}) {
    EDGESCOPE_TRY(outcome, family(c));
    if (!outcome) continue;
    EDGESCOPE_CHECK(activate(c, *outcome));
    return *std::move(outcome);
  }
  return c.refuse("there is no rule for it");
}

base::Result<std::vector<Value>> evaluate(const Subgraph& graph, Layout layout, std::span<const Value> inputs,
                                          HalfSums half_sums) {
  std::vector<std::optional<Value>> values(graph.tensors.size());
  for (std::size_t i = 0; i < graph.tensors.size(); ++i)
    if (graph.tensors[i].constant) values[i] = value_of(graph.tensors[i]);
  for (std::size_t i = 0; i < graph.inputs.size() && i < inputs.size(); ++i)
    values[static_cast<std::size_t>(graph.inputs[i])] = inputs[i];
  for (int at : execution_order(graph)) {
    const Operator& op = graph.operators[static_cast<std::size_t>(at)];
    std::vector<const Value*> operands;
    for (int each : op.inputs) {
      if (each >= 0 && !values[static_cast<std::size_t>(each)])
        return base::fail({.what = fmt::format("`{}` has no value", graph.tensors[static_cast<std::size_t>(each)].name),
                           .node = op.name});
      operands.push_back(each < 0 ? nullptr : &*values[static_cast<std::size_t>(each)]);
    }
    std::vector<const Tensor*> results;
    for (int each : op.outputs) results.push_back(each < 0 ? nullptr : &graph.tensors[static_cast<std::size_t>(each)]);
    EDGESCOPE_TRY(made, evaluate(op, operands, layout, results, half_sums));
    for (std::size_t i = 0; i < made.size() && i < op.outputs.size(); ++i)
      if (op.outputs[i] >= 0) values[static_cast<std::size_t>(op.outputs[i])] = std::move(made[i]);
  }
  std::vector<Value> outputs;
  for (int each : graph.outputs) {
    if (!values[static_cast<std::size_t>(each)]) return base::fail({.what = "an output has no value"});
    outputs.push_back(*values[static_cast<std::size_t>(each)]);
  }
  return outputs;
}

}  // namespace edgescope::graph
