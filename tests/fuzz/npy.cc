#include "base/npy.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  (void)edgescope::base::parse_npy(std::as_bytes(std::span(data, size)), "input.npy");
  return 0;
}
