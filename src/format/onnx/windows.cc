#include "format/onnx/windows.h"

#include <algorithm>

namespace edgescope::format::onnx {
namespace {

using graph::kDynamic;
namespace attr = graph::attr;

// What an attribute gives for one spatial dimension.
std::int64_t of(const graph::Operator& op, std::string_view name, std::size_t i, std::int64_t otherwise) {
  const auto values = graph::get<Dims>(op.attributes, name);
  return i < values.size() ? values[i] : otherwise;
}

bool padded_to_fit(const graph::Operator& op) {
  const auto padding = graph::get<std::string>(op.attributes, attr::padding);
  return padding == "same" || padding == "same_lower";
}

// What explicit padding adds on one side.
std::int64_t pad(const graph::Operator& op, std::string_view side, std::size_t i) {
  return graph::get<std::string>(op.attributes, attr::padding) == "valid" ? 0 : of(op, side, i, 0);
}

// Positions of a window along one spatial dimension of this size.
std::int64_t positions(const graph::Operator& op, std::int64_t size, std::size_t i, bool ceil) {
  const std::int64_t stride = of(op, attr::strides, i, 1), kernel = of(op, attr::kernel, i, kDynamic),
                     dilation = of(op, attr::dilations, i, 1);
  if (size < 0 || stride <= 0 || kernel <= 0 || dilation <= 0) return kDynamic;
  if (padded_to_fit(op)) return size / stride + (size % stride != 0);
  const std::int64_t reach = plus(times(kernel - 1, dilation), 1);
  const std::int64_t begin = pad(op, attr::pads_begin, i), whole = plus(plus(size, begin), pad(op, attr::pads_end, i));
  if (whole < 0 || reach < 0 || whole < reach) return kDynamic;
  std::int64_t steps = (whole - reach) / stride;
  // A window that would begin in the padding behind is not there.
  if (ceil && (whole - reach) % stride != 0 && times(steps + 1, stride) < plus(size, begin)) ++steps;
  return steps + 1;
}

Dims slide(const graph::Operator& op, const Dims& data, std::int64_t channels, bool ceil) {
  Dims result = {data[0], channels};
  for (std::size_t i = 2; i < data.size(); ++i) result.push_back(positions(op, data[i], i - 2, ceil));
  return result;
}

}  // namespace

std::int64_t times(std::int64_t a, std::int64_t b) {
  std::int64_t product = 0;
  return a < 0 || b < 0 || __builtin_mul_overflow(a, b, &product) ? kDynamic : product;
}

std::int64_t plus(std::int64_t a, std::int64_t b) {
  std::int64_t sum = 0;
  return a < 0 || b < 0 || __builtin_add_overflow(a, b, &sum) ? kDynamic : sum;
}

Inferred convolution_shape(const graph::Operator& op, const Dims& data, const Dims& filter) {
  if (data.size() < 3 || filter.size() != data.size()) return std::nullopt;
  return slide(op, data, filter[0], false);
}

Inferred pool_shape(const graph::Operator& op, const Dims& data) {
  if (data.size() < 3) return std::nullopt;
  if (!op.source_kind.starts_with("Global"))
    return slide(op, data, data[1], graph::get<std::int64_t>(op.attributes, "ceil_mode", 0) != 0);
  Dims result(data.size(), 1);
  std::copy_n(data.begin(), 2, result.begin());
  return result;
}

Inferred transposed_convolution_shape(const graph::Operator& op, const Dims& data, const Dims& filter) {
  if (data.size() < 3 || filter.size() != data.size()) return std::nullopt;
  const auto fixed = graph::get<Dims>(op.attributes, "output_shape");
  Dims result = {data[0], times(filter[1], graph::get<std::int64_t>(op.attributes, attr::groups, 1))};
  for (std::size_t i = 0; i + 2 < data.size(); ++i) {
    const std::int64_t stride = of(op, attr::strides, i, 1);
    if (i < fixed.size()) {
      result.push_back(fixed[i]);
    } else if (padded_to_fit(op)) {
      result.push_back(times(data[i + 2], stride));
    } else {
      const std::int64_t reach = plus(times(filter[i + 2] - 1, of(op, attr::dilations, i, 1)), 1);
      const std::int64_t whole = plus(plus(times(stride, data[i + 2] - 1), of(op, "output_padding", i, 0)), reach);
      const std::int64_t cut = plus(pad(op, attr::pads_begin, i), pad(op, attr::pads_end, i));
      result.push_back(whole < 0 || cut < 0 || cut > whole ? kDynamic : whole - cut);
    }
  }
  return result;
}

}  // namespace edgescope::format::onnx
