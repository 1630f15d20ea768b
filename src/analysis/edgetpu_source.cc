#include "analysis/edgetpu_source.h"

#include <fmt/format.h>

#include <algorithm>

#include "analysis/inspection.h"
#include "target/edgetpu/mapping.h"

namespace edgescope::analysis {
namespace {

using base::Json;
using graph::Operator;
using graph::Subgraph;
using target::edgetpu::Compiler;
using target::edgetpu::FoundLayer;
using target::edgetpu::MemoryPrediction;
using target::edgetpu::StoredLayer;

const graph::Tensor* first_output(const Subgraph& graph, const Operator& op) {
  return op.outputs.empty() || op.outputs[0] < 0 ? nullptr : &graph.tensors[static_cast<std::size_t>(op.outputs[0])];
}

// The source operator that a compiled model's CPU operator was: of the same kind, with the same output by
// name, else by shape, else the next that nobody has taken.
class Counterparts {
 public:
  Counterparts(const Subgraph& compiled, const Subgraph& source)
      : compiled_(compiled), source_(source), taken_(source.operators.size(), false) {}

  int of(const Operator& op) {
    const graph::Tensor* out = first_output(compiled_, op);
    const auto found = [&](auto&& same) {
      for (std::size_t i = 0; i < source_.operators.size(); ++i) {
        const graph::Tensor* its = first_output(source_, source_.operators[i]);
        if (taken_[i] || source_.operators[i].source_kind != op.source_kind || !same(its)) continue;
        taken_[i] = true;
        return static_cast<int>(i);
      }
      return -1;
    };
    int index = found([&](const graph::Tensor* its) { return out && its && its->name == out->name; });
    if (index < 0)
      index = found([&](const graph::Tensor* its) { return out && its && its->shape.dims == out->shape.dims; });
    return index >= 0 ? index : found([](const graph::Tensor*) { return true; });
  }

 private:
  const Subgraph& compiled_;
  const Subgraph& source_;
  std::vector<bool> taken_;
};

// The file does not name its compiler; generations store some layers differently. The newest of those that
// come closest to the file's sums is taken.
MemoryPrediction best_prediction(const Subgraph& source, const std::vector<bool>& mapped,
                                 const target::edgetpu::Ledger& decoded) {
  const auto distance = [&](const MemoryPrediction& prediction) {
    const auto apart = [](std::uint64_t a, std::uint64_t b) { return a > b ? a - b : b - a; };
    const std::uint64_t stored =
        apart(prediction.stored_bytes, decoded.cached_parameter_bytes + decoded.streamed_parameter_bytes);
    return std::pair(stored, apart(prediction.cached_bytes, decoded.cached_parameter_bytes));
  };
  MemoryPrediction best = target::edgetpu::predict_memory(source, mapped, Compiler::V16);
  for (Compiler compiler : {Compiler::V15, Compiler::V14, Compiler::V2_1, Compiler::V2_0, Compiler::V1_0}) {
    MemoryPrediction other = target::edgetpu::predict_memory(source, mapped, compiler);
    if (distance(other) < distance(best)) best = std::move(other);
  }
  return best;
}

Json difference(std::uint64_t predicted, std::uint64_t decoded) {
  return {{"predicted", predicted},
          {"decoded", decoded},
          {"difference", static_cast<std::int64_t>(predicted) - static_cast<std::int64_t>(decoded)}};
}

// `found` is empty where the file's bytes could not be told apart: then the law's word stands, as a prediction.
Json layer_json(const StoredLayer& layer, const FoundLayer* found) {
  Json json = {{"operator", layer.op},
               {"name", layer.name},
               {"kind", graph::kind_name(layer.kind)},
               {"form", target::edgetpu::form_name(layer.form)},
               {"source_bytes", layer.source_bytes},
               {"stored_bytes", layer.stored_bytes},
               {"inflation", layer.source_bytes == 0 ? Json()
                                                     : Json(static_cast<double>(layer.stored_bytes) /
                                                            static_cast<double>(layer.source_bytes))},
               {"basis", found ? "exact" : "predicted"},
               {"cached_bytes", found          ? found->cached_bytes
                                : layer.cached ? layer.stored_bytes
                                               : 0},
               {"predicted_cached", layer.cached}};
  if (found) {
    json["offset"] = found->offset;
    json["found_by"] = found->by_content ? "weights" : "place";
    json["placement"] = placement_json(found->placed);
  }
  json["predicted_placement"] = placement_json(layer.placed);
  if (!layer.why.empty()) json["why"] = layer.why;
  if (!layer.assumption.empty()) json["assumption"] = layer.assumption;
  return json;
}

}  // namespace

base::Result<EdgeTpuSource> match_source(const graph::Model& compiled, const std::vector<EdgeTpuOperator>& operators,
                                         const graph::Model& source) {
  const Subgraph &after = compiled.subgraphs.front(), &before = source.subgraphs.front();
  EdgeTpuSource result{.file = source.files.front().path(), .operators = before.operators.size()};
  const target::Check rules = target::edgetpu::map_operators(before);
  std::vector<bool> mapped(before.operators.size(), true);
  Counterparts counterparts(after, before);
  for (std::size_t op = 0; op < after.operators.size(); ++op) {
    const Operator& left = after.operators[op];
    if (left.source_kind == format::edgetpu::kCustomCode) continue;
    const int index = counterparts.of(left);
    if (index < 0)
      return base::fail(
          {.fault = base::Fault::input,
           .what = fmt::format("has no counterpart of operator {} ({}) of the compiled model", op, left.source_kind),
           .file = result.file,
           .remedy = "Give the model that was compiled"});
    mapped[static_cast<std::size_t>(index)] = false;
    const Operator& original = before.operators[static_cast<std::size_t>(index)];
    result.cpu.push_back({.source = index,
                          .compiled = static_cast<int>(op),
                          .name = std::string(operator_name(before, original)),
                          .kind = std::string(graph::kind_name(original.kind)),
                          .source_kind = original.source_kind,
                          .verdict = rules.operators[static_cast<std::size_t>(index)]});
  }
  std::vector<const format::edgetpu::Package*> packages;
  for (const EdgeTpuOperator& op : operators) {
    packages.push_back(&op.package);
    result.decoded += target::edgetpu::ledger(op.package);
  }
  result.prediction = best_prediction(before, mapped, result.decoded);
  result.found = target::edgetpu::find_layers(before, result.prediction.layers, packages);
  return result;
}

Json edgetpu_source_json(const EdgeTpuSource& source) {
  const MemoryPrediction& prediction = source.prediction;
  const target::edgetpu::Ledger& decoded = source.decoded;
  const std::uint64_t stored = decoded.cached_parameter_bytes + decoded.streamed_parameter_bytes;
  Json layers = Json::array(), cpu = Json::array();
  std::uint64_t source_bytes = 0;
  std::size_t found = 0;
  for (std::size_t i = 0; i < prediction.layers.size(); ++i) {
    const auto& its = source.found.layers[i];
    layers.push_back(layer_json(prediction.layers[i], its ? &*its : nullptr));
    source_bytes += prediction.layers[i].source_bytes;
    found += its.has_value();
  }
  for (const EdgeTpuSource::CpuOperator& op : source.cpu) {
    const bool foreseen = op.verdict.mapping != target::Mapping::Mapped;
    cpu.push_back({{"index", op.source},
                   {"compiled_index", op.compiled},
                   {"name", op.name},
                   {"kind", op.kind},
                   {"source_kind", op.source_kind},
                   {"predicted", target::mapping_name(op.verdict.mapping)},
                   {"status", foreseen ? Json(op.verdict.status) : Json()},
                   {"reason", foreseen ? Json(op.verdict.reason) : Json()}});
  }
  Json notes = Json::array();
  if (found == 0 && !prediction.layers.empty() && prediction.not_predicted.empty())
    notes.push_back("None of this model's weights are in the compiled file: it may not be the one that was compiled.");
  return {
      {"file", source.file},
      {"notes", std::move(notes)},
      {"operators", source.operators},
      {"mapped_operators", source.operators - source.cpu.size()},
      {"compiler", target::edgetpu::compiler_name(prediction.compiler)},
      {"complete", source.found.complete},
      {"found_layers", found},
      {"source_bytes", source_bytes},
      {"inflation", source_bytes == 0 ? Json() : Json(static_cast<double>(stored) / static_cast<double>(source_bytes))},
      {"stored_bytes", difference(prediction.stored_bytes, stored)},
      {"cached_bytes", difference(prediction.cached_bytes, decoded.cached_parameter_bytes)},
      {"streamed_bytes", difference(prediction.streamed_bytes, decoded.streamed_parameter_bytes)},
      {"cached_bytes_range", {prediction.cached_low, prediction.cached_high}},
      {"streamed_bytes_range", {prediction.streamed_low, prediction.streamed_high}},
      {"not_predicted", prediction.not_predicted},
      {"cpu_operators", std::move(cpu)},
      {"layers", std::move(layers)}};
}

}  // namespace edgescope::analysis
