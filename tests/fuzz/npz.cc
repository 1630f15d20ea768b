#include "base/npy.h"
#include "format/zip_names.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  for (const auto& entry : edgescope::format::zip_entries(std::as_bytes(std::span(data, size))))
    if (const auto bytes = edgescope::format::unpacked(entry, "input.npz"))
      (void)edgescope::base::parse_npy(*bytes, "input.npz");
  return 0;
}
