// Any content: recognised, read or refused.
#include "format/format.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace edgescope;
  (void)format::read_model(base::MappedFile::borrow(std::as_bytes(std::span(data, size)), "input"));
  return 0;
}
