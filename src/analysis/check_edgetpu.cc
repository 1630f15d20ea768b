#include "analysis/check_edgetpu.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>

#include "analysis/caching_advice.h"
#include "analysis/check.h"
#include "analysis/compiled_edgetpu.h"
#include "analysis/macs.h"
#include "target/edgetpu/ledger.h"
#include "target/edgetpu/mapping.h"
#include "target/edgetpu/placement.h"
#include "target/edgetpu/source_traffic.h"

namespace edgescope::analysis {
namespace {

using base::Json;
using namespace target::edgetpu;

// Everything that the laws say of one source model.
struct Analysed {
  graph::Model model;  // with the shapes that the compiler sees
  EdgeTpu target;
  target::Check check;
  target::Placement placement;
  MemoryPrediction memory;
  std::vector<bool> mapped;

  Analysed(const graph::Model& source, const EdgeTpuOptions& options) : model(source), target(options.compiler) {
    if (model.subgraphs.empty()) model.subgraphs.emplace_back();
    model.subgraphs.front() = with_batch_of_one(std::move(model.subgraphs.front()));
    check = target.check(model);
    mapped = check.mapped();
    placement = target::place(graph(), mapped);
    memory = predict_memory(graph(), mapped, options.compiler);
  }
  const graph::Subgraph& graph() const { return model.subgraphs.front(); }
};

// Multiply-accumulates of what runs on the device; nothing where one of them is not known.
std::optional<std::uint64_t> macs_on_device(const Analysed& analysed) {
  std::uint64_t sum = 0;
  for (std::size_t op = 0; op < analysed.mapped.size(); ++op) {
    if (!analysed.mapped[op]) continue;
    const auto count = macs(analysed.model, analysed.graph(), analysed.graph().operators[op]);
    if (!count) return std::nullopt;
    sum += *count;
  }
  return sum;
}

Json prediction_json(const target::Prediction& prediction, const EdgeTpuOptions& options) {
  Json json = analysis::prediction_json(prediction);
  json["link"] = link_name(options.link);
  json["megahertz"] = options.megahertz;
  return json;
}

// Of the source model; the CPU's share of it is not predicted.
target::Prediction predicted(const Analysed& analysed, const EdgeTpuOptions& options) {
  const SourceTraffic traffic = source_traffic(analysed.graph(), analysed.mapped, analysed.placement, analysed.memory);
  target::Prediction prediction =
      predict_range(traffic.per_inference, macs_on_device(analysed), options.link, options.megahertz, traffic.calls);
  for (const std::string& assumption : traffic.assumptions) prediction.assumptions.push_back(assumption);
  for (const std::string& open : analysed.memory.not_predicted)
    prediction.assumptions.push_back("not predicted: " + open);
  if (const auto cpu = std::count(analysed.mapped.begin(), analysed.mapped.end(), false); cpu > 0)
    prediction.assumptions.push_back(
        fmt::format("{} operator{} on the CPU not included", cpu, cpu == 1 ? " is" : "s are"));
  return prediction;
}

bool anything_mapped(const Analysed& analysed) {
  return std::find(analysed.mapped.begin(), analysed.mapped.end(), true) != analysed.mapped.end();
}

Json check_of(const Analysed& analysed, const EdgeTpuOptions& options) {
  Json json = check_json(analysed.graph(), analysed.target, analysed.check, analysed.placement);
  const Link link = options.link;
  std::vector<Finding> findings =
      mapping_findings(analysed.graph(), analysed.target, analysed.check, analysed.placement,
                       {.in = [link](std::uint64_t bytes) { return transfer_in(link, bytes); },
                        .out = [link](std::uint64_t bytes) { return transfer_out(link, bytes); },
                        .call = call_floor(link)});
  const std::vector<StreamingGroup> groups = streaming_groups(analysed.memory, link);
  for (Finding& finding : caching_findings(analysed.memory, groups, link)) findings.push_back(std::move(finding));
  json["findings"] = findings_json(findings);
  json["memory"] = memory_json(analysed.memory, groups);
  json["prediction"] = analysed.check.compiles && anything_mapped(analysed)
                           ? prediction_json(predicted(analysed, options), options)
                           : Json();
  return json;
}

// Operators by their source's name: "ADD" -> 6.
using Counts = std::map<std::string, int>;

Json differences(const Counts& predicted, const Counts& found) {
  Counts names = predicted;
  names.insert(found.begin(), found.end());
  Json list = Json::array();
  for (const auto& [name, ignored] : names) {
    const int ours = predicted.contains(name) ? predicted.at(name) : 0,
              theirs = found.contains(name) ? found.at(name) : 0;
    if (ours != theirs) list.push_back({{"source_kind", name}, {"predicted", ours}, {"compiled", theirs}});
  }
  return list;
}

}  // namespace

bool meant_for_edgetpu(const graph::Model& model) {
  if (model.format != graph::Format::TfLite || model.subgraphs.empty()) return false;
  const graph::Subgraph& main = model.subgraphs.front();
  const bool compiled = std::any_of(main.operators.begin(), main.operators.end(), [](const graph::Operator& op) {
    return op.source_kind == format::edgetpu::kCustomCode;
  });
  return !compiled && std::any_of(main.tensors.begin(), main.tensors.end(), [](const graph::Tensor& tensor) {
    return !tensor.constant && (tensor.type == graph::ElementType::Int8 || tensor.type == graph::ElementType::UInt8);
  });
}

Json check_edgetpu(const graph::Model& model, const EdgeTpuOptions& options) {
  return check_of(Analysed(model, options), options);
}

base::Result<Json> check_edgetpu_against(const graph::Model& model, const graph::Model& compiled,
                                         const EdgeTpuOptions& options) {
  EDGESCOPE_TRY(operators, edgetpu_operators(compiled));
  if (operators.empty())
    return base::fail({.what = "this file is not compiled for the Edge TPU: it holds no edgetpu-custom-op",
                       .file = compiled.files.empty() ? std::string() : std::string(compiled.files.front().path())});
  const Analysed analysed(model, options);
  Json json = check_of(analysed, options);

  Counts predicted_cpu, found_cpu;
  for (const target::Verdict& verdict : analysed.check.operators)
    if (verdict.mapping != target::Mapping::Mapped)
      ++predicted_cpu[analysed.graph().operators[static_cast<std::size_t>(verdict.op)].source_kind];
  for (const graph::Operator& op : compiled.subgraphs.front().operators)
    if (op.source_kind != format::edgetpu::kCustomCode) ++found_cpu[op.source_kind];

  Ledger truth;
  std::array<int, kTiles> used = {};
  Json placement = Json::array();
  for (const EdgeTpuOperator& op : operators) {
    truth += ledger(op.package);
    for (const auto& executable : op.package.executables)
      for (const PlacedBlock& block : target::edgetpu::placement(executable)) {
        Json tiles = Json::array();
        for (int tile = 0; tile < kTiles; ++tile)
          if (block.tiles >> tile & 1) {
            tiles.push_back(tile);
            used[static_cast<std::size_t>(tile)] += block.rows;
          }
        placement.push_back({{"tiles", std::move(tiles)}, {"row", block.row}, {"rows", block.rows}});
      }
  }
  // Records in the file pass over the header rows of blocks, so they do so here.
  std::array<int, kTiles> predicted_rows = analysed.memory.rows_used;
  for (const StoredLayer& layer : analysed.memory.layers)
    if (layer.header_rows > 0 && (layer.form == Form::FullyConnected || layer.form == Form::Hidden))
      for (const PlacedBlock& block : layer.placed)
        for (int tile = 0; tile < kTiles; ++tile)
          if (block.tiles >> tile & 1) predicted_rows[static_cast<std::size_t>(tile)] -= layer.header_rows;
  int rows = 0, predicted_sum = 0;
  for (int tile = 0; tile < kTiles; ++tile) {
    rows += used[static_cast<std::size_t>(tile)];
    predicted_sum += predicted_rows[static_cast<std::size_t>(tile)];
  }
  const auto pair = [](auto ours, auto theirs) { return Json{{"predicted", ours}, {"compiled", theirs}}; };
  json["compiled"] = {{"basis", basis_name(Basis::Exact)},
                      {"cached_bytes", pair(analysed.memory.cached_bytes, truth.cached_parameter_bytes)},
                      {"streamed_bytes", pair(analysed.memory.streamed_bytes, truth.streamed_parameter_bytes)},
                      {"cpu_operators", differences(predicted_cpu, found_cpu)},
                      {"rows", pair(predicted_sum, rows)},
                      {"rows_used", pair(Json(predicted_rows), Json(used))},
                      {"placement", std::move(placement)}};
  return json;
}

base::Result<Json> predict_edgetpu(const graph::Model& model, const graph::Model* source,
                                   const EdgeTpuOptions& options) {
  EDGESCOPE_TRY(operators, edgetpu_operators(model));
  target::Prediction prediction;
  if (operators.empty()) {
    const Analysed analysed(model, options);
    if (!analysed.check.compiles || !anything_mapped(analysed))
      return base::fail({.what = analysed.check.compiles
                                     ? "no operator runs on the Edge TPU, so there is nothing to predict"
                                     : "it does not compile for the Edge TPU: " + analysed.check.failure,
                         .file = model.files.empty() ? std::string() : std::string(model.files.front().path()),
                         .remedy = "`edgescope check` says operator by operator why"});
    prediction = predicted(analysed, options);
  } else {
    Ledger sum;
    for (const EdgeTpuOperator& op : operators) sum += ledger(op.package);
    std::optional<std::uint64_t> work;
    if (source) work = macs_on_device(Analysed(*source, options));
    prediction = predict(sum.per_inference, work, options.link, options.megahertz, static_cast<int>(operators.size()));
    if (source)
      prediction.assumptions.push_back(
          "what is computed on the device is taken from the source model by the mapping rules");
    if (const std::size_t cpu = model.subgraphs.front().operators.size() - operators.size(); cpu > 0)
      prediction.assumptions.push_back(
          fmt::format("{} operator{} on the CPU not included", cpu, cpu == 1 ? " is" : "s are"));
  }
  Json json = {{"target", "edgetpu"}, {"from", operators.empty() ? "source" : "compiled"}};
  json.update(prediction_json(prediction, options));
  return json;
}

}  // namespace edgescope::analysis
