#include "analysis/cause.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "runtime/catalog.h"

namespace edgescope::analysis {
namespace {

using graph::ElementType;
using graph::Kind;

constexpr double kOneStep = 1.5;  // steps told as reals

// "bf16", "f16", or nothing where a runtime computes in what the model says.
std::string_view reduced(const runtime::Loaded& loaded) {
  const std::string& said = loaded.precision;
  if (said.find("bf16") != said.npos) return "bf16";
  if (said.find("f16") != said.npos || said.find("FP16") != said.npos) return "f16";
  return {};
}

const graph::Tensor& tensor(const graph::Model& model, int index) {
  return model.subgraphs.front().tensors[static_cast<std::size_t>(index)];
}

const graph::Operator& operation(const graph::Model& model, int index) {
  return model.subgraphs.front().operators[static_cast<std::size_t>(index)];
}

bool compares(Kind kind) {
  constexpr Kind kKinds[] = {Kind::Equal,     Kind::NotEqual, Kind::Less,
                             Kind::LessEqual, Kind::Greater,  Kind::GreaterEqual};
  return std::find(std::begin(kKinds), std::end(kKinds), kind) != std::end(kKinds);
}

bool resizes(Kind kind) { return kind == Kind::ResizeBilinear || kind == Kind::ResizeNearest || kind == Kind::Resize; }

bool quantised(const graph::Tensor& tensor) {
  return tensor.quantization != nullptr && !tensor.quantization->scales.empty();
}

// What the two models say differently of an operator that both have: its kind, a constant, an attribute.
std::optional<Cause> in_the_models(const CauseSide& reference, const CauseSide& other, const Divergence::Found& at) {
  if (&reference.model == &other.model || at.op < 0 || at.other_op < 0) return std::nullopt;
  const graph::Operator &a = operation(reference.model, at.op), &b = operation(other.model, at.other_op);
  const graph::Tensor &x = tensor(reference.model, at.tensor), &y = tensor(other.model, at.other_tensor);
  if (quantised(x) != quantised(y))
    return Cause{"quantisation", "The operator's result is quantised in one of the models, and not in the other."};
  if (x.type != y.type)
    return Cause{"other-type", fmt::format("The operator's result is {} in the one model and {} in the other.",
                                           element_type_name(x.type), element_type_name(y.type))};
  if (a.kind != b.kind)
    return Cause{"other-operator", fmt::format("The tensor is made by {} in the one model and by {} in the other.",
                                               kind_name(a.kind), kind_name(b.kind))};
  if (reference.model.format != other.model.format) return std::nullopt;  // formats say the same in other ways
  for (std::size_t i = 0; i < std::min(a.inputs.size(), b.inputs.size()); ++i) {
    if (a.inputs[i] < 0 || b.inputs[i] < 0) continue;
    const graph::Tensor &c = tensor(reference.model, a.inputs[i]), &d = tensor(other.model, b.inputs[i]);
    if (!c.constant || !d.constant) continue;
    if (c.type != d.type)
      return Cause{"other-type", fmt::format("The constant `{}` is {} in the one model and {} in the other.", c.name,
                                             element_type_name(c.type), element_type_name(d.type))};
    if (!std::equal(c.data.begin(), c.data.end(), d.data.begin(), d.data.end()))
      return Cause{"other-constant",
                   fmt::format("The constant `{}` has other values in the one model than in the other.",
                               c.name.empty() ? d.name : c.name)};
  }
  if (a.attributes != b.attributes)
    return Cause{"other-attributes",
                 fmt::format("The {} has other attributes in the one model than in the other.", kind_name(a.kind))};
  return std::nullopt;
}

std::optional<Cause> of_precision(const CauseSide& reference, const CauseSide& other, const Difference& difference,
                                  bool half_tensor) {
  const std::string_view here = reduced(reference.loaded), there = reduced(other.loaded);
  const bool half = here == "f16" || there == "f16" || half_tensor;
  if (difference.not_finite > 0 && half)
    return Cause{
        "fp16-overflow",
        "Values are not finite on one side only, and one side computes in half precision, which ends at 65504."};
  if (here == there) return std::nullopt;
  const CauseSide& side = there.empty() ? reference : other;
  std::string text = fmt::format("{} says that it computes in {}.", side.on, there.empty() ? here : there);
  if (runtime::family(side.on) == "openvino")
    text += " `--property INFERENCE_PRECISION_HINT=f32` makes it keep single precision.";
  if (difference.steps && difference.steps->max < kOneStep)
    text += " A single step may also come from how it rounds a quantised result.";
  return Cause{"lower-precision", std::move(text)};
}

std::optional<Cause> of_operator(const CauseSide& reference, const CauseSide& other, const Divergence::Found& at) {
  if (at.op < 0 || at.operators != 1) return std::nullopt;
  const graph::Operator& op = operation(reference.model, at.op);
  if (compares(op.kind) && at.inputs_differ)
    return Cause{
        "threshold-rounding",
        "A comparison whose operands differ by their rounding decides differently: they lie at its threshold."};
  if (resizes(op.kind)) {
    std::string said;
    for (const auto& [name, value] : op.attributes) {
      if (const bool* flag = std::get_if<bool>(&value)) said += fmt::format(" {} = {},", name, *flag);
      if (const auto* word = std::get_if<std::string>(&value)) said += fmt::format(" {} = {},", name, *word);
    }
    if (!said.empty()) said.back() = '.';
    return Cause{"resize-coordinates",
                 "The two take an image's samples at other coordinates, or round them otherwise." +
                     (said.empty() ? "" : " The model says" + said)};
  }
  const auto tflite = [](const std::string& on) { return runtime::family(on) == "tflite"; };
  if (op.kind == Kind::FullyConnected && op.inputs.size() > 1 && op.inputs[1] >= 0 &&
      tflite(reference.on) != tflite(other.on)) {
    const graph::Tensor& weights = tensor(reference.model, op.inputs[1]);
    if (weights.quantization && weights.quantization->per_channel())
      return Cause{
          "per-channel-weights",
          "The weights of a fully connected operator are quantised by channel, which TensorFlow Lite 2.9 takes "
          "for a quantisation without scales."};
  }
  if (quantised(tensor(reference.model, at.tensor)) && at.difference.steps && at.difference.steps->max < kOneStep)
    return Cause{"requantisation",
                 "A quantised operator's results are one step apart: its sums are scaled back to steps in one rounding "
                 "or in two, or halves are rounded in other directions."};
  return std::nullopt;
}

}  // namespace

Cause cause(const CauseSide& reference, const CauseSide& other, const Difference& worst, const Divergence* divergence) {
  const Divergence::Found* at = divergence != nullptr && divergence->found ? &*divergence->found : nullptr;
  const Difference& difference = at != nullptr ? at->difference : worst;
  const bool half_tensor = at != nullptr && (tensor(reference.model, at->tensor).type == ElementType::Float16 ||
                                             tensor(other.model, at->other_tensor).type == ElementType::Float16);
  if (at != nullptr && difference.not_finite == 0)
    if (auto found = in_the_models(reference, other, *at)) return *std::move(found);
  if (auto found = of_precision(reference, other, difference, half_tensor)) return *std::move(found);
  if (at != nullptr) {
    if (auto found = in_the_models(reference, other, *at)) return *std::move(found);
    if (auto found = of_operator(reference, other, *at)) return *std::move(found);
    return {"not-known", "Not known."};
  }
  if (divergence != nullptr)
    return {"not-known", "Not known: they part in the whole network, and in none of its parts."};
  return {"not-known", "Not known; --layers looks for the operator at which they part."};
}

}  // namespace edgescope::analysis
