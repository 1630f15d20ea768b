// Blobs for the NCS2.
#include "format/myriad/blob.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  (void)edgescope::format::myriad::read_blob(std::as_bytes(std::span(data, size)), "input");
  return 0;
}
