// Which tensor lies where: the picture of the compiled network that the MYRIAD plugin draws on request
// (MYRIAD_DUMP_INTERNAL_GRAPH_FILE_NAME=x.dot), read for what it says of memory. The blob itself does not name
// tensors.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace edgescope::format::myriad {

struct PlacedTensor {
  std::string name;
  std::string usage;     // "Input", "Output", "Const", "Intermediate", "Temp"
  std::string location;  // "CMX" (fast), "BSS" (DDR), "Blob" (constants), "Input", "Output", "None"
  std::string type;      // "FP16", "S32", ...
  std::uint64_t offset = 0;
  std::uint64_t bytes = 0;  // from its first to its last, with the gaps that its strides leave
};

struct MemoryDump {
  std::uint64_t cmx_bytes = 0, bss_bytes = 0, blob_bytes = 0;  // as the plugin sums them up
  std::vector<PlacedTensor> tensors;
};

bool is_memory_dump(std::string_view text);
base::Result<MemoryDump> read_memory_dump(std::string_view text, const std::string& path);

}  // namespace edgescope::format::myriad
