#include "target/ncs2/half.h"

#include <cmath>
#include <cstring>

#include "base/half.h"

namespace edgescope::target::ncs2 {
namespace {

constexpr float kSmallestNormal = 0x1p-14F;
constexpr float kExactIntegers = 2048;  // 11 bits of significance

}  // namespace

float rounded_to_half(float value) { return base::from_half(base::to_half(value)); }

void HalfCounts::add(float value) {
  ++elements;
  const float size = std::fabs(value);
  if (!std::isfinite(value) || size == 0) return;
  const float rounded = rounded_to_half(value);
  if (std::isinf(rounded))
    ++infinite;
  else if (rounded == 0)
    ++vanished;
  else if (size < kSmallestNormal)
    ++subnormal;
  else if (size > kExactIntegers && size == std::trunc(size) && rounded != value)
    ++changed_integers;
}

std::vector<HalfLoss> half_losses(const graph::Model& model) {
  std::vector<HalfLoss> losses;
  if (model.subgraphs.empty()) return losses;
  const std::vector<graph::Tensor>& tensors = model.subgraphs.front().tensors;
  for (std::size_t i = 0; i < tensors.size(); ++i) {
    const graph::Tensor& tensor = tensors[i];
    if (!tensor.constant || tensor.type != graph::ElementType::Float32 || tensor.encoding != graph::Encoding::Raw ||
        tensor.sparse)
      continue;
    HalfLoss loss;
    loss.tensor = static_cast<int>(i);
    for (std::size_t at = 0; at + sizeof(float) <= tensor.data.size(); at += sizeof(float)) {
      float value = 0;
      std::memcpy(&value, tensor.data.data() + at, sizeof value);
      loss.add(value);
    }
    if (loss.lossy()) losses.push_back(loss);
  }
  return losses;
}

}  // namespace edgescope::target::ncs2
