#include "analysis/compiled_edgetpu.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "analysis/inspection.h"
#include "target/edgetpu/ledger.h"

namespace edgescope::analysis {
namespace {

using base::Json;
using format::edgetpu::Executable;
using format::edgetpu::Layer;
using format::edgetpu::Package;
using target::edgetpu::Traffic;

std::string token_text(std::uint64_t token) { return fmt::format("{:016x}", token); }

Json layer_json(const Layer& layer) {
  return {{"name", layer.name},
          {"type", format::edgetpu::data_type_name(layer.type)},
          {"shape", layer.shape},
          {"bytes", layer.bytes},
          {"scale", layer.scale},
          {"zero_point", layer.zero_point},
          {"executions", layer.executions}};
}

Json layers_json(const std::vector<Layer>& layers) {
  Json list = Json::array();
  for (const Layer& layer : layers) list.push_back(layer_json(layer));
  return list;
}

// Runs of equal steps are one row: what a reader follows is the order, not each chunk.
Json steps_json(const Executable& executable) {
  Json list = Json::array();
  for (const auto& step : executable.steps) {
    const auto kind = format::edgetpu::dma_kind_name(step.kind);
    if (!list.empty() && list.back()["kind"] == kind && list.back().value("layer", std::string()) == step.layer) {
      list.back()["bytes"] = list.back()["bytes"].get<std::uint64_t>() + step.bytes;
      list.back()["transfers"] = list.back()["transfers"].get<int>() + 1;
      continue;
    }
    Json row = {{"kind", kind}, {"bytes", step.bytes}, {"transfers", 1}};
    if (!step.layer.empty()) row["layer"] = step.layer;
    list.push_back(std::move(row));
  }
  return list;
}

Json executable_json(const Executable& executable, int op) {
  Json json = {{"operator", op},
               {"name", executable.name},
               {"type", format::edgetpu::executable_type_name(executable.type)},
               {"chip", executable.chip},
               {"batch", executable.batch},
               {"caching_token", token_text(executable.caching_token)},
               {"file_bytes", executable.file_bytes},
               {"parameter_bytes", executable.parameters.size()},
               {"instruction_bytes", executable.instruction_bytes()},
               {"instruction_chunks", executable.instructions.size()},
               {"scratch_bytes", executable.scratch_bytes},
               {"narrow_memory_bytes_per_tile", executable.narrow_bytes_per_tile},
               {"estimated_cycles", executable.estimated_cycles == 0 ? Json() : Json(executable.estimated_cycles)},
               {"deterministic", executable.deterministic},
               {"traffic", to_json(target::edgetpu::traffic(executable))},
               {"inputs", layers_json(executable.inputs)},
               {"outputs", layers_json(executable.outputs)},
               {"steps", steps_json(executable)}};
  if (executable.type == format::edgetpu::ExecutableType::ParameterCaching) {
    const auto blocks = target::edgetpu::placement(executable);
    json["rows_used"] = target::edgetpu::rows_used(blocks);
    json["placement"] = placement_json(blocks);
  }
  return json;
}

// The operator as the driver sees it: one package, one call of the device.
Json operator_json(const graph::Subgraph& graph, const EdgeTpuOperator& op) {
  const target::edgetpu::Ledger sum = target::edgetpu::ledger(op.package);
  const Executable* running = target::edgetpu::running_executable(op.package);
  Json types = Json::array();
  for (const Executable& executable : op.package.executables)
    types.push_back(format::edgetpu::executable_type_name(executable.type));
  return {{"index", op.op},
          {"name", operator_name(graph, graph.operators[static_cast<std::size_t>(op.op)])},
          {"executables", std::move(types)},
          {"chip", op.package.chip},
          {"caching_token", running ? token_text(running->caching_token) : ""},
          {"cached_parameter_bytes", sum.cached_parameter_bytes},
          {"streamed_parameter_bytes", sum.streamed_parameter_bytes},
          {"instruction_bytes", sum.instruction_bytes},
          {"per_inference", to_json(sum.per_inference)},
          {"first_inference", to_json(sum.first_inference)},
          {"inputs", running ? layers_json(running->inputs) : Json::array()},
          {"outputs", running ? layers_json(running->outputs) : Json::array()},
          {"options_bytes", op.package.options_bytes}};
}

// Whose the bytes of the file are: inside the Edge TPU operators by the package's parts, and the TFLite
// file around them. Operators that share one copy of their options count once.
Json owners_json(const graph::Model& model, const std::vector<EdgeTpuOperator>& operators) {
  format::edgetpu::OwnedBytes sums = {};
  std::set<const std::byte*> seen;
  std::uint64_t inside = 0;
  for (const EdgeTpuOperator& op : operators) {
    if (!seen.insert(model.subgraphs[0].operators[static_cast<std::size_t>(op.op)].options.data()).second) continue;
    for (std::size_t owner = 0; owner < sums.size(); ++owner) sums[owner] += op.package.owned_bytes[owner];
    inside += op.package.options_bytes;
  }
  const std::uint64_t file = model.files.front().size();
  Json rows = Json::array();
  const auto add = [&](std::string_view owner, std::uint64_t bytes) {
    rows.push_back({{"owner", owner},
                    {"bytes", bytes},
                    {"share", static_cast<double>(bytes) / static_cast<double>(std::max<std::uint64_t>(file, 1))}});
  };
  for (std::size_t owner = 0; owner < sums.size(); ++owner)
    add(format::edgetpu::byte_owner_name(static_cast<format::edgetpu::ByteOwner>(owner)), sums[owner]);
  add("tflite", file - std::min(file, inside));
  return rows;
}

}  // namespace

Json placement_json(const std::vector<target::edgetpu::PlacedBlock>& blocks) {
  Json list = Json::array();
  for (const auto& block : blocks) {
    Json tiles = Json::array();
    for (int tile = 0; tile < target::edgetpu::kTiles; ++tile)
      if (block.tiles >> tile & 1) tiles.push_back(tile);
    list.push_back({{"tiles", std::move(tiles)}, {"row", block.row}, {"rows", block.rows}});
  }
  return list;
}

base::Result<std::vector<EdgeTpuOperator>> edgetpu_operators(const graph::Model& model) {
  std::vector<EdgeTpuOperator> found;
  if (model.format != graph::Format::TfLite || model.subgraphs.empty()) return found;
  const auto& operators = model.subgraphs[0].operators;
  for (std::size_t op = 0; op < operators.size(); ++op) {
    if (operators[op].source_kind != format::edgetpu::kCustomCode) continue;
    const base::MappedFile& file = model.files.front();
    const auto offset = static_cast<std::uint64_t>(operators[op].options.data() - file.bytes().data());
    EDGESCOPE_TRY(package, format::edgetpu::read_package(operators[op].options, file.path(), offset));
    found.push_back({static_cast<int>(op), std::move(package)});
  }
  return found;
}

Json edgetpu_json(const graph::Model& model, const std::vector<EdgeTpuOperator>& operators) {
  target::edgetpu::Ledger sum;
  Json executables = Json::array();
  for (const EdgeTpuOperator& op : operators) {
    sum += target::edgetpu::ledger(op.package);
    for (const Executable& executable : op.package.executables)
      executables.push_back(executable_json(executable, op.op));
  }
  Json cpu = Json::array(), on_device = Json::array();
  const graph::Subgraph& graph = model.subgraphs[0];
  for (const EdgeTpuOperator& op : operators) on_device.push_back(operator_json(graph, op));
  for (std::size_t op = 0; op < graph.operators.size(); ++op)
    if (graph.operators[op].source_kind != format::edgetpu::kCustomCode)
      cpu.push_back({{"index", op},
                     {"name", operator_name(graph, graph.operators[op])},
                     {"kind", graph::kind_name(graph.operators[op].kind)},
                     {"source_kind", graph.operators[op].source_kind}});
  return {{"basis", "exact"},
          {"subgraphs", operators.size()},
          {"chip", operators.empty() ? "" : operators.front().package.chip},
          {"min_runtime_version", operators.empty() ? 0 : operators.front().package.min_runtime_version},
          {"cached_parameter_bytes", sum.cached_parameter_bytes},
          {"streamed_parameter_bytes", sum.streamed_parameter_bytes},
          {"instruction_bytes", sum.instruction_bytes},
          {"per_inference", to_json(sum.per_inference)},
          {"first_inference", to_json(sum.first_inference)},
          {"operators", std::move(on_device)},
          {"executables", std::move(executables)},
          {"owners", owners_json(model, operators)},
          {"cpu_operators", std::move(cpu)}};
}

}  // namespace edgescope::analysis
