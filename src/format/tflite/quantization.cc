#include "format/tflite/quantization.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>

#include "tflite_generated.h"

namespace edgescope::format::tflite {
namespace {

// Blockwise and multi-axis details name the same things.
template <typename Details>
base::Status blocks(const Details& details, std::size_t tensors, graph::Quantization& target) {
  for (const std::int64_t tensor : {details.scales(), details.zero_points()})
    if (tensor < -1 || tensor >= static_cast<std::int64_t>(tensors))
      return base::fail({.what = fmt::format("its quantisation names tensor {} of {}", tensor, tensors)});
  if (details.block_size() < 0)
    return base::fail({.what = fmt::format("its quantisation has blocks of {} elements", details.block_size())});
  target.block = details.block_size();
  target.scales_tensor = details.scales();
  // 0 is what a file has that names none; no writer puts zero points first.
  target.zero_points_tensor = details.zero_points() > 0 ? details.zero_points() : -1;
  return {};
}

base::Status details(const fb::QuantizationParameters& source, graph::Quantization& target, std::size_t tensors) {
  if (const auto* block = source.details_as_BlockwiseQuantization()) {
    EDGESCOPE_CHECK(blocks(*block, tensors, target));
    // Newer files give the block's whole shape; one dimension of it is larger than 1.
    if (const auto* shape = block->block_shape(); shape && target.block == 0)
      for (std::size_t axis = 0; axis < shape->size(); ++axis)
        if (const int size = shape->Get(static_cast<flatbuffers::uoffset_t>(axis)); size > 1) {
          target.block = size;
          target.axis = static_cast<int>(axis);
        }
  } else if (const auto* multi = source.details_as_MultiAxisQuantization()) {
    EDGESCOPE_CHECK(blocks(*multi, tensors, target));
    if (const auto* axes = multi->quantized_dimensions(); axes && axes->size() > 0)
      target.axis = axes->Get(axes->size() - 1);
  }
  return {};
}

}  // namespace

base::Result<std::shared_ptr<const graph::Quantization>> quantization(const fb::QuantizationParameters* source,
                                                                      const graph::Shape& shape, std::size_t tensors) {
  if (!source) return nullptr;
  auto target = std::make_shared<graph::Quantization>();
  target->axis = source->quantized_dimension();
  if (const auto* scales = source->scale()) target->scales.assign(scales->data(), scales->data() + scales->size());
  if (const auto* points = source->zero_point(); points && points->size() > 0) {
    const auto *begin = points->data(), *end = begin + points->size();
    // One stands for all where they are equal: that of weights is 0 for every channel.
    const bool equal = std::adjacent_find(begin, end, std::not_equal_to<>()) == end;
    target->zero_points.assign(begin, equal ? begin + 1 : end);
  }
  EDGESCOPE_CHECK(details(*source, *target, tensors));
  if (target->scales.empty() && target->scales_tensor < 0) return nullptr;

  const std::size_t count = target->scales.size();
  if (target->zero_points.empty()) target->zero_points.assign(count > 0 ? 1 : 0, 0);
  if (count > 0 && target->zero_points.size() != 1 && target->zero_points.size() != count)
    return base::fail(
        {.what = fmt::format("its quantisation has {} scales and {} zero points", count, target->zero_points.size())});
  const auto rank = static_cast<int>(shape.dims.size());
  if (target->per_channel() || target->block > 0) {
    if (target->axis < 0 || target->axis >= rank)
      return base::fail({.what = fmt::format("its quantisation is along dimension {} of {}", target->axis, rank)});
    const std::int64_t channels = shape.dims[target->axis];
    if (target->per_channel() && channels != graph::kDynamic && static_cast<std::uint64_t>(channels) != count)
      return base::fail({.what = fmt::format("its quantisation has {} scales for {} channels", count, channels)});
  }
  return target;
}

}  // namespace edgescope::format::tflite
