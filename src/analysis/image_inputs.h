// A picture as a network's input takes it: decoded, resized, laid out, and its bytes made the numbers that the input
// holds.
#pragma once

#include <string>
#include <vector>

#include "base/error.h"
#include "runtime/session.h"

namespace edgescope::analysis {

// How a picture's bytes become real numbers: (byte - mean) / scale, one figure or one a channel. Without either a float
// input gets byte / 255, and one of 8 bits the bytes over its whole range (int8: byte - 128), as the example programs
// of the runtimes have it.
struct ImageOptions {
  std::vector<double> mean, scale;
  bool bgr = false;  // blue first

  bool given() const { return !mean.empty() || !scale.empty() || bgr; }
};

struct ImageInput {
  std::vector<std::byte> bytes;  // of one picture
  std::string how;               // in words, for the reader of the result
};

// `port` says height, width and channels (1, 3 or 4): [.., height, width, channels], or [.., channels, height, width].
base::Result<ImageInput> image_input(std::span<const std::byte> file, const std::string& path,
                                     const runtime::Port& port, const ImageOptions& options);

}  // namespace edgescope::analysis
