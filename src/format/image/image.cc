#include "format/image/image.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "format/image/decoders.h"

namespace edgescope::format::image {
namespace {

struct Kind {
  std::string_view mark;
  bool (*decode)(std::span<const std::byte> bytes, Pixels& pixels);
};
using namespace std::string_view_literals;
constexpr Kind kKinds[] = {{"\x89PNG\r\n\x1a\n"sv, decode_png}, {"\xff\xd8\xff"sv, decode_jpeg}, {"BM"sv, decode_bmp}};

const Kind* kind_of(std::span<const std::byte> bytes) {
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  for (const Kind& kind : kKinds)
    if (text.starts_with(kind.mark)) return &kind;
  return nullptr;
}

// Pillow's fixed-point form of 0.299 R + 0.587 G + 0.114 B.
std::uint8_t luma(const std::uint8_t* rgba) {
  return static_cast<std::uint8_t>((rgba[0] * 19595U + rgba[1] * 38470U + rgba[2] * 7471U + 0x8000U) >> 16U);
}

}  // namespace

bool is_image(std::span<const std::byte> bytes) { return kind_of(bytes) != nullptr; }

base::Result<Image> read(std::span<const std::byte> bytes, const std::string& name, int channels) {
  const Kind* kind = kind_of(bytes);
  if (kind == nullptr)
    return base::fail({.what = "is no image that is read", .file = name, .remedy = "PNG, JPEG and BMP are."});
  Pixels pixels;
  if (!kind->decode(bytes, pixels))
    return base::fail({.what = fmt::format("cannot be decoded: {}", pixels.problem), .file = name});
  Image image{.width = pixels.width, .height = pixels.height, .channels = channels, .values = {}};
  image.values.reserve(pixels.rgba.size() / 4 * static_cast<std::size_t>(channels));
  for (std::size_t i = 0; i < pixels.rgba.size(); i += 4) {
    const std::uint8_t* rgba = pixels.rgba.data() + i;
    if (channels == 1)
      image.values.push_back(luma(rgba));
    else
      image.values.insert(image.values.end(), rgba, rgba + channels);
  }
  return image;
}

Image resized(const Image& image, int width, int height) {
  if (width == image.width && height == image.height) return image;
  struct Tap {
    int low, high;
    double share;  // of the higher one
  };
  const auto taps = [](int from, int to) {
    std::vector<Tap> list;
    for (int i = 0; i < to; ++i) {
      const double at = std::clamp((i + 0.5) * from / to - 0.5, 0.0, from - 1.0);
      const int low = static_cast<int>(at);
      list.push_back({low, std::min(low + 1, from - 1), at - low});
    }
    return list;
  };
  const std::vector<Tap> xs = taps(image.width, width), ys = taps(image.height, height);
  Image result{.width = width, .height = height, .channels = image.channels, .values = {}};
  for (const Tap& y : ys)
    for (const Tap& x : xs)
      for (int c = 0; c < image.channels; ++c) {
        const double top = image.at(x.low, y.low, c) * (1 - x.share) + image.at(x.high, y.low, c) * x.share;
        const double bottom = image.at(x.low, y.high, c) * (1 - x.share) + image.at(x.high, y.high, c) * x.share;
        result.values.push_back(static_cast<std::uint8_t>(std::lround(top * (1 - y.share) + bottom * y.share)));
      }
  return result;
}

}  // namespace edgescope::format::image
