#include "report/views/myriad.h"

#include <fmt/format.h>

#include "base/units.h"
#include "report/views/inspect.h"

namespace edgescope::report {
namespace {

using base::Json;
using Align = Column::Align;

std::uint64_t number(const Json& record, const char* key) { return record[key].get<std::uint64_t>(); }
std::string bytes(const Json& value) { return base::bytes_text(value.get<std::uint64_t>()); }

}  // namespace

Blocks myriad_view(const Json& document) {
  const Json& myriad = document["myriad"];
  const Json& engines = myriad["engines"];
  Blocks blocks = {Heading{document["input"].get<std::string>()}};
  blocks.push_back(Facts{{{"blob", fmt::format("for the NCS2 (Myriad X), version {}, batch {}", myriad["version"].get<std::string>(), number(myriad, "batch"))},
                          {"stages", fmt::format("{}: {} on the hardware accelerator, {} on the SHAVE processors, {} by DMA", myriad["stages"].size(),
                                                 number(engines, "hardware"), number(engines, "shave"), number(engines, "dma"))},
                          {"size", fmt::format("{}, of which {} are constants", bytes(myriad["bytes"]), bytes(myriad["constant_bytes"]))},
                          {"memory", bytes(myriad["bss_bytes"]) + " of DDR for tensors between stages"},
                          {"resources", fmt::format("{} CMX slices, {} SHAVEs for each executor", number(myriad, "cmx_slices"), number(myriad, "shaves"))},
                          {"input", fmt::format("{} in {}", bytes(myriad["input_bytes"]), number(myriad, "inputs"))},
                          {"output", fmt::format("{} in {}", bytes(myriad["output_bytes"]), number(myriad, "outputs"))},
                          {"basis", "exact: read from the blob"}}});
  add_findings(blocks, document["findings"]);
  blocks.push_back(Table{.title = "Kinds of stages",
                         .records = myriad["kinds"],
                         .columns = {{"kind", "kind"}, {"engine", "engine"}, {"stages", "stages", Align::Right}, {"description", "bytes", Align::Right, bytes}}});
  blocks.push_back(Table{.title = "Stages",
                         .records = myriad["stages"],
                         .columns = {{"#", "index", Align::Right}, {"kind", "kind"}, {"engine", "engine"}, {"SHAVEs", "shaves", Align::Right}},
                         .main = true});
  return blocks;
}

Blocks myriad_memory_view(const Json& document) {
  const Json& memory = document["myriad_memory"];
  Blocks blocks = {Heading{document["input"].get<std::string>()}};
  blocks.push_back(Facts{{{"CMX", bytes(memory["cmx_bytes"]) + " of the fast memory on the chip"},
                          {"DDR", bytes(memory["bss_bytes"]) + " for tensors between stages (BSS)"},
                          {"constants", bytes(memory["blob_bytes"]) + " in the blob"},
                          {"basis", "exact: as the compiler placed them"}}});
  blocks.push_back(Table{.title = "Tensors",
                         .records = memory["tensors"],
                         .columns = {{"name", "name"}, {"usage", "usage"}, {"type", "type"}, {"in", "location"}, {"offset", "offset", Align::Right}, {"size", "bytes", Align::Right, bytes}},
                         .main = true});
  return blocks;
}

}  // namespace edgescope::report
