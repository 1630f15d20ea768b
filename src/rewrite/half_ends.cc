// half-ends: a network of 32-bit floats becomes one of 16 bits, its inputs and outputs included, so that the NCS2's
// compiler adds no stages that convert them. Between the ends the device computes in 16 bits in any case, and its
// compiler rounds every constant: with conversions inside, in place of other types, it would copy at the outputs.
//
// OpenVINO shows the 16-bit ends of an IR 10 as 32-bit ones unless the program that loads it sets their precision
// (SetPrecision, `-ip FP16 -op FP16`); a compiled blob and an IR 11 are as they say.
#include <algorithm>
#include <cmath>
#include <cstring>

#include "base/half.h"
#include "rewrite/rewrites.h"

namespace edgescope::rewrite {
namespace {

using graph::ElementType;
using graph::Kind;

constexpr std::string_view kWide = "f32", kHalf = "f16";

bool is_wide(const graph::Tensor& tensor) { return tensor.type == ElementType::Float32; }

// Whether an operator says in words of its own what it makes; a cast is told another word.
bool says_its_type(const graph::Operator& op) {
  return op.kind != Kind::Cast && std::any_of(op.attributes.begin(), op.attributes.end(), [](const auto& attribute) {
           const auto* text = std::get_if<std::string>(&attribute.second);
           return text != nullptr && *text == kWide;
         });
}

// The halves next to a constant's numbers; nothing where one of them is beyond what halves hold.
std::optional<std::vector<std::byte>> halved(const graph::Tensor& tensor) {
  std::vector<std::byte> halves(tensor.data.size() / sizeof(float) * sizeof(std::uint16_t));
  for (std::size_t i = 0; i * sizeof(float) < tensor.data.size(); ++i) {
    float value;
    std::memcpy(&value, tensor.data.data() + i * sizeof(float), sizeof(float));
    const std::uint16_t half = base::to_half(value);
    if (std::isfinite(value) && !std::isfinite(base::from_half(half))) return std::nullopt;
    std::memcpy(halves.data() + i * sizeof(half), &half, sizeof(half));
  }
  return halves;
}

}  // namespace

bool rewrite_half_ends(graph::Model& model, graph::Subgraph& graph, int) {
  if (model.layout != graph::Layout::ChannelsFirst || model.subgraphs.size() != 1) return false;
  const auto wide_end = [&graph](int tensor) { return is_wide(graph.tensors[static_cast<std::size_t>(tensor)]); };
  if (std::none_of(graph.inputs.begin(), graph.inputs.end(), wide_end) &&
      std::none_of(graph.outputs.begin(), graph.outputs.end(), wide_end))
    return false;
  if (std::any_of(graph.operators.begin(), graph.operators.end(), says_its_type)) return false;
  std::vector<std::pair<std::size_t, std::vector<std::byte>>> constants;
  for (std::size_t i = 0; i < graph.tensors.size(); ++i) {
    const graph::Tensor& tensor = graph.tensors[i];
    if (!is_wide(tensor) || !tensor.constant) continue;
    if (tensor.sparse || tensor.encoding != graph::Encoding::Raw) return false;
    auto halves = halved(tensor);
    if (!halves) return false;
    constants.emplace_back(i, *std::move(halves));
  }
  for (auto& [index, halves] : constants) {
    model.owned.push_back(std::make_shared<const std::vector<std::byte>>(std::move(halves)));
    graph.tensors[index].data = *model.owned.back();
  }
  for (graph::Tensor& tensor : graph.tensors)
    if (is_wide(tensor)) tensor.type = ElementType::Float16;
  for (graph::Operator& op : graph.operators)
    for (auto& [name, value] : op.attributes)
      if (op.kind == Kind::Cast && value == graph::Attribute(std::string(kWide))) value = std::string(kHalf);
  return true;
}

}  // namespace edgescope::rewrite
