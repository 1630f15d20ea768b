// The ensemble in a graph: a valid one, or an error.
#include "format/forest/onnx.h"
#include "format/onnx/reader.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace edgescope;
  const auto model = format::onnx::read(base::MappedFile::borrow(std::as_bytes(std::span(data, size)), "input.onnx"));
  if (model && forest::has_trees(*model)) (void)forest::read_onnx(*model);
  return 0;
}
