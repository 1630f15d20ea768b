// One function a format, each around a C library or none: bytes in, pixels out, never more than kMostPixels.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace edgescope::format::image {

inline constexpr std::uint64_t kMostPixels = 1U << 26;  // 256 MiB

struct Pixels {
  int width = 0, height = 0;
  std::vector<std::uint8_t> rgba;
  std::string problem;  // where the function answered false

  // Room for a picture; false where it is none or too large.
  bool reserve(std::uint64_t wide, std::uint64_t high);
  std::uint8_t* row(int y) { return rgba.data() + static_cast<std::size_t>(y) * static_cast<std::size_t>(width) * 4; }
};

bool decode_png(std::span<const std::byte> bytes, Pixels& pixels);
bool decode_jpeg(std::span<const std::byte> bytes, Pixels& pixels);
bool decode_bmp(std::span<const std::byte> bytes, Pixels& pixels);

}  // namespace edgescope::format::image
