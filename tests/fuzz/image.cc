#include "format/image/image.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  namespace image = edgescope::format::image;
  const auto read = image::read(std::as_bytes(std::span(data, size)), "input.png", size % 2 == 0 ? 3 : 1);
  if (read) (void)image::resized(*read, 7, 5);
  return 0;
}
