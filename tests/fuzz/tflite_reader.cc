// Any bytes are a model or an error, and the extents of a model cover the file.
#include <cstdint>
#include <cstdlib>

#include "format/tflite/reader.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace edgescope;
  const auto model =
      format::tflite::read(base::MappedFile::borrow(std::as_bytes(std::span(data, size)), "input.tflite"));
  if (!model) return 0;
  std::uint64_t at = 0;
  for (const graph::Extent& extent : model->extents) {
    if (extent.file != 0) break;
    if (extent.offset != at) std::abort();
    at += extent.size;
  }
  if (at != size) std::abort();
  return 0;
}
