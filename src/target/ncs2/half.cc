#include "target/ncs2/half.h"

#include <cmath>
#include <cstring>

namespace edgescope::target::ncs2 {
namespace {

constexpr float kBecomesInfinite = 65520;  // 65504 is the largest; from half a step above it on, a number is rounded up
constexpr float kBecomesZero = 0x1p-25F;   // half of the smallest
constexpr float kExactIntegers = 2048;     // 11 bits of significance

void count(float value, HalfLoss& loss) {
  const float size = std::fabs(value);
  if (!std::isfinite(value) || size == 0) return;
  if (size >= kBecomesInfinite) {
    ++loss.infinite;
  } else if (size <= kBecomesZero) {
    ++loss.vanished;
  } else if (size > kExactIntegers && size == std::trunc(size)) {
    // Numbers of this size are whole multiples of `step` in 16 bits.
    const float step = std::exp2(std::floor(std::log2(size)) - 10);
    if (std::fmod(size, step) != 0) ++loss.changed_integers;
  }
}

}  // namespace

std::vector<HalfLoss> half_losses(const graph::Model& model) {
  std::vector<HalfLoss> losses;
  if (model.subgraphs.empty()) return losses;
  const std::vector<graph::Tensor>& tensors = model.subgraphs.front().tensors;
  for (std::size_t i = 0; i < tensors.size(); ++i) {
    const graph::Tensor& tensor = tensors[i];
    if (!tensor.constant || tensor.type != graph::ElementType::Float32 || tensor.encoding != graph::Encoding::Raw ||
        tensor.sparse)
      continue;
    HalfLoss loss{.tensor = static_cast<int>(i), .elements = tensor.data.size() / sizeof(float)};
    for (std::size_t at = 0; at + sizeof(float) <= tensor.data.size(); at += sizeof(float)) {
      float value = 0;
      std::memcpy(&value, tensor.data.data() + at, sizeof value);
      count(value, loss);
    }
    if (loss.infinite + loss.vanished + loss.changed_integers > 0) losses.push_back(loss);
  }
  return losses;
}

}  // namespace edgescope::target::ncs2
