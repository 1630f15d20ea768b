// Blobs for the NCS2, and the pictures that their compiler draws.
#include "format/myriad/blob.h"
#include "format/myriad/memory_dump.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  (void)edgescope::format::myriad::read_blob(std::as_bytes(std::span(data, size)), "input");
  (void)edgescope::format::myriad::read_memory_dump({reinterpret_cast<const char*>(data), size}, "input");
  return 0;
}
