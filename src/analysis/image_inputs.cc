#include "analysis/image_inputs.h"

#include <fmt/format.h>

#include <cstring>
#include <optional>

#include "analysis/respondent.h"
#include "format/image/image.h"

namespace edgescope::analysis {
namespace {

using graph::ElementType;
using runtime::Port;

struct Layout {
  int height = 0, width = 0, channels = 0;
  bool channels_first = false;
};

bool is_channels(std::int64_t dim) { return dim == 1 || dim == 3 || dim == 4; }

std::optional<Layout> layout_of(const Port& port) {
  const std::size_t rank = port.shape.size();
  if (rank != 3 && rank != 4) return std::nullopt;
  const auto dim = [&](std::size_t from_end) { return port.shape[rank - from_end]; };
  constexpr std::int64_t kMostSide = 1 << 14;
  for (std::size_t i = 1; i <= 3; ++i)
    if (dim(i) < 1 || dim(i) > kMostSide) return std::nullopt;
  const auto side = [](std::int64_t value) { return static_cast<int>(value); };
  if (is_channels(dim(1))) return Layout{side(dim(3)), side(dim(2)), side(dim(1)), false};
  if (is_channels(dim(3))) return Layout{side(dim(2)), side(dim(1)), side(dim(3)), true};
  return std::nullopt;
}

double figure(const std::vector<double>& list, int channel, double otherwise) {
  return list.empty() ? otherwise : list[list.size() == 1 ? 0 : static_cast<std::size_t>(channel)];
}

// The real number of a byte, or the byte as it goes into an input of 8 bits.
struct Rule {
  bool bytes = false;  // 8 bits over the whole range
  double offset = 0;   // of those
  const ImageOptions& options;

  double operator()(int value, int channel) const {
    if (bytes) return value + offset;
    const double scale = options.mean.empty() && options.scale.empty() ? 255 : figure(options.scale, channel, 1);
    return (value - figure(options.mean, channel, 0)) / scale;
  }
  std::string text() const {
    if (bytes) return offset == 0 ? "bytes as they are" : "bytes - 128";
    if (options.mean.empty() && options.scale.empty()) return "bytes / 255";
    return fmt::format("(bytes - {}) / {}",
                       options.mean.empty() ? "0" : fmt::format("{}", fmt::join(options.mean, ",")),
                       options.scale.empty() ? "1" : fmt::format("{}", fmt::join(options.scale, ",")));
  }
};

Rule rule_for(const Port& port, const ImageOptions& options) {
  const bool eight = port.type == ElementType::UInt8 || port.type == ElementType::Int8;
  const bool asked = !options.mean.empty() || !options.scale.empty();
  return {.bytes = eight && !asked, .offset = port.type == ElementType::Int8 ? -128.0 : 0.0, .options = options};
}

base::Status usable(const Port& port, const std::optional<Layout>& layout, const ImageOptions& options,
                    const std::string& path) {
  if (!layout)
    return base::fail({.what = fmt::format("is a picture, and input `{}` is {}: no picture of 1, 3 or 4 channels",
                                           port.name, fmt::join(port.shape, "x")),
                       .file = path});
  for (const auto* list : {&options.mean, &options.scale})
    if (list->size() > 1 && list->size() != static_cast<std::size_t>(layout->channels))
      return base::fail({.fault = base::Fault::usage,
                         .what = fmt::format("{} figures are given for the {} channels of input `{}`", list->size(),
                                             layout->channels, port.name)});
  return {};
}

}  // namespace

base::Result<ImageInput> image_input(std::span<const std::byte> file, const std::string& path, const Port& port,
                                     const ImageOptions& options) {
  const auto layout = layout_of(port);
  EDGESCOPE_CHECK(usable(port, layout, options, path));
  EDGESCOPE_TRY(decoded, format::image::read(file, path, layout->channels));
  const auto picture = format::image::resized(decoded, layout->width, layout->height);
  const Rule rule = rule_for(port, options);
  const int colours = layout->channels;
  std::vector<double> values(picture.values.size());
  const std::size_t plane = values.size() / static_cast<std::size_t>(colours);
  for (std::size_t pixel = 0; pixel < plane; ++pixel)
    for (int c = 0; c < colours; ++c) {
      const int from = options.bgr && c < 3 && colours >= 3 ? 2 - c : c;
      const std::size_t source = pixel * static_cast<std::size_t>(colours) + static_cast<std::size_t>(from);
      const std::size_t target = layout->channels_first
                                     ? static_cast<std::size_t>(c) * plane + pixel
                                     : pixel * static_cast<std::size_t>(colours) + static_cast<std::size_t>(c);
      values[target] = rule(picture.values[source], c);
    }
  const Port doubles{.name = port.name, .type = ElementType::Float64, .shape = {}};
  Port taken = port;
  if (rule.bytes || (!port.quantized && !graph::is_float(port.type)))
    taken.quantized = true, taken.scale = 1, taken.zero_point = 0;
  auto bytes = converted(doubles, std::as_bytes(std::span(values)), taken);
  if (!bytes)
    return base::fail(
        {.what = fmt::format("is a picture, and input `{}` takes {}", port.name, graph::element_type_name(port.type)),
         .file = path});
  const std::string size = fmt::format("{}x{}", decoded.width, decoded.height);
  const std::string order = colours == 1 ? "grey" : options.bgr ? "BGR" : "RGB";
  return ImageInput{
      .bytes = *std::move(bytes),
      .how = fmt::format(
          "{}: {}{}, {}, {}, {}", path, size,
          decoded.width == picture.width && decoded.height == picture.height
              ? std::string()
              : fmt::format(" resized to {}x{} (bilinear, half-pixel centres)", picture.width, picture.height),
          order, layout->channels_first ? "channels first" : "channels last", rule.text())};
}

}  // namespace edgescope::analysis
