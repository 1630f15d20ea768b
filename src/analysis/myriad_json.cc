#include "analysis/myriad_json.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace edgescope::analysis {

base::Json myriad_json(const format::myriad::Blob& blob) {
  using base::Json;
  using format::myriad::Engine;
  const format::myriad::Header& header = blob.header;
  Json engines = Json::object(), stages = Json::array();
  for (const Engine engine : {Engine::Hardware, Engine::Shave, Engine::Dma})
    engines[std::string(engine_name(engine))] = 0;
  struct Sum {
    Engine engine;
    std::uint64_t stages = 0, bytes = 0;
  };
  std::map<std::string, Sum> kinds;
  for (const auto& stage : blob.stages) {
    Json& count = engines[std::string(engine_name(stage.engine()))];
    count = count.get<int>() + 1;
    Sum& sum = kinds.try_emplace(stage.kind(), Sum{stage.engine()}).first->second;
    ++sum.stages;
    sum.bytes += stage.bytes;
    stages.push_back({{"index", stages.size()},
                      {"kind", stage.kind()},
                      {"engine", engine_name(stage.engine())},
                      {"shaves", stage.shaves},
                      {"bytes", stage.bytes}});
  }
  std::vector<Json> by_kind;
  for (const auto& [kind, sum] : kinds)
    by_kind.push_back(
        {{"kind", kind}, {"engine", engine_name(sum.engine)}, {"stages", sum.stages}, {"bytes", sum.bytes}});
  std::stable_sort(by_kind.begin(), by_kind.end(), [](const Json& a, const Json& b) {
    return a["stages"].get<std::uint64_t>() > b["stages"].get<std::uint64_t>();
  });
  return {{"basis", "exact"},
          {"version", fmt::format("{}.{}", header.version, header.revision)},
          {"offset", blob.offset},
          {"bytes", header.file_bytes},
          {"constant_bytes", blob.constant_bytes()},
          {"bss_bytes", header.bss_bytes},
          {"inputs", header.inputs},
          {"input_bytes", header.input_bytes},
          {"outputs", header.outputs},
          {"output_bytes", header.output_bytes},
          {"batch", header.batch},
          {"cmx_slices", header.cmx_slices},
          {"shaves", header.shaves},
          {"engines", std::move(engines)},
          {"kinds", by_kind},
          {"stages", std::move(stages)}};
}

base::Json myriad_memory_json(const format::myriad::MemoryDump& dump) {
  base::Json tensors = base::Json::array();
  for (const auto& tensor : dump.tensors)
    tensors.push_back({{"name", tensor.name},
                       {"usage", tensor.usage},
                       {"type", tensor.type},
                       {"location", tensor.location},
                       {"offset", tensor.offset},
                       {"bytes", tensor.bytes}});
  return {{"basis", "exact"},
          {"cmx_bytes", dump.cmx_bytes},
          {"bss_bytes", dump.bss_bytes},
          {"blob_bytes", dump.blob_bytes},
          {"tensors", std::move(tensors)}};
}

}  // namespace edgescope::analysis
