#include "analysis/compilation.h"

#include <fmt/format.h>

#include <algorithm>

#include "analysis/compiled_edgetpu.h"
#include "base/units.h"
#include "target/edgetpu/ledger.h"
#include "target/edgetpu/mapping.h"
#include "target/edgetpu/plan.h"

namespace edgescope::analysis {
namespace {

namespace edgetpu = target::edgetpu;
using base::Json;
using edgetpu::Compiler;
using edgetpu::Fill;
using edgetpu::PlanModel;

constexpr int kSteps = 16;  // caps that are looked at between the ends of their range

// What each model keeps and streams with `cap` rows a tile.
std::vector<Fill> fills(const std::vector<PlanModel>& models, Compiler compiler, int segments, int cap) {
  if (segments == 1) {
    std::vector<const PlanModel*> group;
    for (const PlanModel& model : models) group.push_back(&model);
    return edgetpu::share_pool(group, compiler, cap);
  }
  std::vector<Fill> result;
  for (const PlanModel& model : models) {
    result.emplace_back();
    for (const edgetpu::Segment& segment : edgetpu::segments(model, segments)) {
      std::vector<edgetpu::StoredLayer> layers(model.layers.begin() + static_cast<std::ptrdiff_t>(segment.begin),
                                               model.layers.begin() + static_cast<std::ptrdiff_t>(segment.end));
      const Fill part = edgetpu::fill_tiles(layers, compiler, cap);
      result.back().cached_bytes += part.cached_bytes;
      result.back().streamed_bytes += part.streamed_bytes;
    }
  }
  return result;
}

void widen(BytesRange& range, std::uint64_t bytes) {
  range.low = std::min(range.low, bytes);
  range.high = std::max(range.high, bytes);
}

void add_memory(std::vector<PredictedCompilation>& predictions, const std::vector<PlanModel>& models, Compiler compiler,
                int segments) {
  // A shared pool leaves room for the activations of the most demanding model.
  edgetpu::Cap cap = models.front().cap;
  for (const PlanModel& model : models)
    cap = {.low = std::min(cap.low, model.cap.low),
           .central = std::min(cap.central, model.cap.central),
           .high = std::min(cap.high, model.cap.high)};
  const auto central = fills(models, compiler, segments, cap.central);
  for (std::size_t i = 0; i < models.size(); ++i) {
    const auto [cached, streamed] = std::pair(central[i].cached_bytes, central[i].streamed_bytes);
    predictions[i].cached = {cached, cached, cached};
    predictions[i].streamed = {streamed, streamed, streamed};
  }
  for (int step = 0; step <= kSteps; ++step) {
    const auto here = fills(models, compiler, segments, cap.low + (cap.high - cap.low) * step / kSteps);
    for (std::size_t i = 0; i < models.size(); ++i) {
      widen(predictions[i].cached, here[i].cached_bytes);
      widen(predictions[i].streamed, here[i].streamed_bytes);
    }
  }
}

OperatorCount sum(const OperatorCounts& operators) {
  OperatorCount total;
  for (const auto& [name, count] : operators) {
    total.mapped += count.mapped;
    total.cpu += count.cpu;
  }
  return total;
}

Json range_json(const BytesRange& range) { return Json::array({range.low, range.high}); }

Json operators_json(const PredictedCompilation& predicted, const std::optional<ActualCompilation>& actual) {
  OperatorCounts names = predicted.operators;
  if (actual) names.insert(actual->operators.begin(), actual->operators.end());
  Json list = Json::array();
  for (const auto& [name, unused] : names) {
    const auto at = [&](const OperatorCounts& counts) {
      const auto found = counts.find(name);
      return found == counts.end() ? OperatorCount{} : found->second;
    };
    const OperatorCount before = at(predicted.operators);
    Json row = {{"operator", name},
                {"predicted_mapped", before.mapped},
                {"predicted_cpu", before.cpu},
                {"mapped", nullptr},
                {"cpu", nullptr}};
    if (actual) {
      row["mapped"] = at(actual->operators).mapped;
      row["cpu"] = at(actual->operators).cpu;
    }
    list.push_back(std::move(row));
  }
  return list;
}

}  // namespace

std::vector<PredictedCompilation> predict_compilation(const std::vector<graph::Model>& models, Compiler compiler,
                                                      int segments) {
  std::vector<PredictedCompilation> result;
  std::vector<PlanModel> plan_models;
  for (const graph::Model& model : models) {
    const graph::Subgraph& graph = model.subgraphs.front();
    const target::Check mapping = edgetpu::map_operators(graph, compiler);
    PredictedCompilation& prediction = result.emplace_back();
    prediction.compiler = compiler;
    prediction.failure = mapping.failure;
    for (std::size_t op = 0; op < graph.operators.size(); ++op) {
      OperatorCount& count = prediction.operators[graph.operators[op].source_kind];
      ++(mapping.operators[op].mapping == target::Mapping::Mapped ? count.mapped : count.cpu);
    }
    prediction.not_predicted = edgetpu::predict_memory(graph, mapping.mapped(), compiler).not_predicted;
    plan_models.push_back(edgetpu::plan_model({}, graph, mapping.mapped(), compiler));
  }
  if (!models.empty()) add_memory(result, plan_models, compiler, segments);
  return result;
}

base::Result<ActualCompilation> read_compilation(const graph::Model& source,
                                                 const std::vector<graph::Model>& compiled) {
  ActualCompilation actual;
  for (const graph::Operator& op : source.subgraphs.front().operators) ++actual.operators[op.source_kind].mapped;
  for (const graph::Model& model : compiled) {
    EDGESCOPE_TRY(operators, edgetpu_operators(model));
    actual.subgraphs += operators.size();
    edgetpu::Ledger ledger;
    for (const EdgeTpuOperator& op : operators) ledger += edgetpu::ledger(op.package);
    actual.cached_bytes += ledger.cached_parameter_bytes;
    actual.streamed_bytes += ledger.streamed_parameter_bytes;
    for (const graph::Operator& op : model.subgraphs.front().operators) {
      if (op.source_kind == format::edgetpu::kCustomCode) continue;
      OperatorCount& count = actual.operators[op.source_kind];
      ++count.cpu;
      if (count.mapped > 0) --count.mapped;
    }
  }
  return actual;
}

std::vector<std::string> compilation_differences(const PredictedCompilation& predicted,
                                                 const ActualCompilation& actual) {
  std::vector<std::string> sentences;
  if (!predicted.failure.empty())
    sentences.push_back(fmt::format("It was predicted to fail ({}), and it compiles.", predicted.failure));
  const auto bytes = [&](const char* what, const BytesRange& range, std::uint64_t found) {
    if (found == range.central) return;
    sentences.push_back(fmt::format("{} bytes: {} predicted, {} found, {} the predicted range.", what, range.central,
                                    found, found < range.low || found > range.high ? "outside" : "within"));
  };
  bytes("Cached", predicted.cached, actual.cached_bytes);
  bytes("Streamed", predicted.streamed, actual.streamed_bytes);
  for (const auto& [name, found] : actual.operators) {
    const auto before = predicted.operators.find(name);
    if (before == predicted.operators.end())
      sentences.push_back(
          fmt::format("{}: the source has none, the compiled file has {} on the CPU.", name, found.cpu));
    else if (before->second != found)
      sentences.push_back(fmt::format("{}: {} of {} predicted on the device, {} are.", name, before->second.mapped,
                                      before->second.mapped + before->second.cpu, found.mapped));
  }
  return sentences;
}

Json compilation_json(const std::string& input, const std::vector<std::string>& outputs,
                      const PredictedCompilation& predicted, const std::optional<ActualCompilation>& actual) {
  const OperatorCount before = sum(predicted.operators);
  Json json = {{"input", input},
               {"outputs", outputs},
               {"predicted",
                {{"basis", "predicted"},
                 {"law", "caching law"},
                 {"compiler", edgetpu::compiler_name(predicted.compiler)},
                 {"verdict", predicted.failure.empty() ? "compiles" : "fails"},
                 {"failure", predicted.failure},
                 {"mapped_operators", before.mapped},
                 {"cpu_operators", before.cpu},
                 {"cached_bytes", predicted.cached.central},
                 {"cached_bytes_range", range_json(predicted.cached)},
                 {"streamed_bytes", predicted.streamed.central},
                 {"streamed_bytes_range", range_json(predicted.streamed)},
                 {"not_predicted", predicted.not_predicted}}},
               {"actual", nullptr},
               {"operators", operators_json(predicted, actual)},
               {"differences", Json::array()}};
  if (!actual) return json;
  const OperatorCount after = sum(actual->operators);
  json["actual"] = {
      {"basis", "exact"},           {"subgraphs", actual->subgraphs},       {"mapped_operators", after.mapped},
      {"cpu_operators", after.cpu}, {"cached_bytes", actual->cached_bytes}, {"streamed_bytes", actual->streamed_bytes}};
  json["differences"] = compilation_differences(predicted, *actual);
  return json;
}

std::optional<Compiler> compiler_of_version(const std::string& version) {
  // From the longest name on, as "2.1" begins with what "2" would be.
  for (std::string name = version; !name.empty(); name.pop_back())
    if (name.size() == version.size() || version[name.size()] == '.')
      if (const auto compiler = edgetpu::compiler_from_name(name)) return compiler;
  return std::nullopt;
}

}  // namespace edgescope::analysis
