// A user's pictures as bytes: PNG and JPEG by the libraries that everybody decodes with, and BMP.
//
// What comes out is what Pillow and OpenCV give: 8-bit values as the file holds them, without colour management,
// without turning by EXIF. Transparency is dropped where it is not asked for; 16-bit channels keep their upper byte.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/error.h"

namespace edgescope::format::image {

// Whether the bytes begin as one of those that are read.
bool is_image(std::span<const std::byte> bytes);

struct Image {
  int width = 0, height = 0, channels = 0;
  std::vector<std::uint8_t> values;  // from the top, row by row, red first

  std::uint8_t at(int x, int y, int channel) const {
    return values[(static_cast<std::size_t>(y) * static_cast<std::size_t>(width) + static_cast<std::size_t>(x)) *
                      static_cast<std::size_t>(channels) +
                  static_cast<std::size_t>(channel)];
  }
};

// With as many channels as asked for: 1 (luma after ITU-R 601), 3, 4.
base::Result<Image> read(std::span<const std::byte> bytes, const std::string& name, int channels);

// Bilinear, half-pixel centres, rounded to nearest, as OpenCV's INTER_LINEAR: no smoothing before shrinking, and the
// sides' ratio is not kept.
Image resized(const Image& image, int width, int height);

}  // namespace edgescope::format::image
