#include "analysis/edgetpu_findings.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <filesystem>

#include "analysis/inspection.h"
#include "base/checked.h"
#include "base/units.h"
#include "target/edgetpu/cost.h"
#include "target/edgetpu/ledger.h"
#include "target/partition.h"

namespace edgescope::analysis {
namespace {

using base::bytes_text;
using format::edgetpu::Executable;
using format::edgetpu::Layer;
using target::Interval;
using target::edgetpu::Link;
using target::edgetpu::PlacedBlock;
using target::edgetpu::Traffic;
using target::edgetpu::transfer_in;
using target::edgetpu::transfer_out;

constexpr Link kLink = Link::Usb3;
// Rows a tile that compiled files were seen to leave for parameters, at least and at most (the caching law).
constexpr int kLeastRows = 1283, kMostRows = 2070;
constexpr double kWorthInflation = 2;        // less than this is what ordinary layers have
constexpr std::uint64_t kWorthBytes = 4096;  // nor is a smaller difference worth a word
constexpr std::size_t kNamedLayers = 5;

Interval in(std::uint64_t bytes) { return transfer_in(kLink, bytes); }
Interval out(std::uint64_t bytes) { return transfer_out(kLink, bytes); }

std::string time_text(const Interval& us) {
  return fmt::format("{} to {} over {} (predicted from published rates)", base::microseconds_text(us.low),
                     base::microseconds_text(us.high), kFindingLink);
}

std::string counted(std::size_t count, std::string_view what) {
  return fmt::format("{} {}{}", count, what, count == 1 ? "" : "s");
}

// Converters join the names of all that they fused; the first one says enough in a sentence.
std::string_view short_name(std::string_view name) { return name.substr(0, name.find(';')); }

// Rows of the 16 tiles that nobody of this file takes, where a tile keeps `rows` for parameters.
std::uint64_t free_rows(const std::vector<PlacedBlock>& blocks, int rows) {
  std::uint64_t free = 0;
  for (int tile = 0; tile < target::edgetpu::kTiles; ++tile) {
    int used = 0;
    for (const PlacedBlock& block : blocks)
      if (block.tiles >> tile & 1) used += block.rows;
    free += static_cast<std::uint64_t>(std::max(0, rows - used));
  }
  return free;
}

// The compiler fills tiles from the first row on. A model whose first rows somebody else has was compiled
// together with others. (Rows before a block that its transfer leaves out are three at most.)
bool shares_the_cache(const std::vector<PlacedBlock>& blocks) {
  constexpr int kMostHeaderRows = 3;
  return !blocks.empty() && std::all_of(blocks.begin(), blocks.end(),
                                        [](const PlacedBlock& block) { return block.row > kMostHeaderRows; });
}

// What a layer's values weigh without padding.
std::uint64_t payload(const Layer& layer) {
  const auto elements = base::checked_product(layer.shape);
  const auto bytes =
      elements ? base::checked_mul(*elements, static_cast<std::uint64_t>(format::edgetpu::data_type_bytes(layer.type)))
               : std::nullopt;
  return bytes.value_or(0) == 0 ? layer.bytes : std::min(*bytes, layer.bytes);
}

std::uint64_t sum(const std::vector<Layer>& layers, auto&& of) {
  std::uint64_t bytes = 0;
  for (const Layer& layer : layers) bytes += of(layer) * static_cast<std::uint64_t>(std::max(1, layer.executions));
  return bytes;
}

class Finder {
 public:
  Finder(const graph::Model& model, const std::vector<EdgeTpuOperator>& operators, const EdgeTpuSource* source)
      : graph_(model.subgraphs.front()), operators_(operators), source_(source) {}

  std::vector<Finding> find() && {
    for (const EdgeTpuOperator& op : operators_) {
      const Executable* running = target::edgetpu::running_executable(op.package);
      if (!running) continue;
      const Traffic traffic = target::edgetpu::traffic(*running);
      refused(op);
      streamed(op, traffic);
      instructions(op, traffic);
      outputs(op, *running, traffic);
      scratch(op, traffic);
      inputs(op, *running, traffic);
      whole_rows(op);
    }
    narrow_layers();
    partitions();
    several();
    return std::move(findings_);
  }

 private:
  std::string place(int op) const {
    const graph::Operator& o = graph_.operators[static_cast<std::size_t>(op)];
    return fmt::format("operator {} {} {}", op, o.source_kind, short_name(operator_name(graph_, o)));
  }
  Finding& add(std::string_view id, std::vector<int> operators, FindingCost cost) {
    std::string where = operators.empty() ? "the model" : place(operators.front());
    if (operators.size() > 1) where += fmt::format(" to {}", place(operators.back()));
    return findings_.emplace_back(Finding{.kind = &finding_kind(id),
                                          .where = std::move(where),
                                          .operators = std::move(operators),
                                          .cost = std::move(cost)});
  }

  void refused(const EdgeTpuOperator& op) {
    for (const Executable& executable : op.package.executables)
      if (!executable.deterministic) {
        add("edgetpu-refused", {op.op}, {}).why_here =
            fmt::format("It is the {} executable.", format::edgetpu::executable_type_name(executable.type));
        return;
      }
  }

  void streamed(const EdgeTpuOperator& op, const Traffic& traffic) {
    if (traffic.parameters == 0) return;
    std::vector<PlacedBlock> blocks;
    if (const Executable* caching = target::edgetpu::caching_executable(op.package))
      blocks = target::edgetpu::placement(*caching);
    const std::uint64_t surely = free_rows(blocks, kLeastRows) * target::edgetpu::kBytesPerRow,
                        at_most = free_rows(blocks, kMostRows) * target::edgetpu::kBytesPerRow;
    const bool shared = shares_the_cache(blocks);
    const std::string_view id = shared                         ? "edgetpu-lost-share"
                                : traffic.parameters <= surely ? "edgetpu-streamed-with-room"
                                                               : "edgetpu-streamed-no-room";
    Finding& finding = add(id, {op.op}, link_cost(traffic.parameters, in(traffic.parameters)));
    finding.why_here =
        fmt::format("Every inference sends {}: {}.", bytes_text(traffic.parameters), time_text(in(traffic.parameters)));
    const std::uint64_t cached = target::edgetpu::ledger(op.package).cached_parameter_bytes;
    if (shared)
      finding.why_here += fmt::format(
          " It keeps {} of {} in the cache, and the rows before its own belong to the others. (A constant in the place "
          "of an activation would stream in any case.)",
          bytes_text(cached), bytes_text(cached + traffic.parameters));
    else
      finding.why_here += fmt::format(
          " Beside the {} that are cached the 16 tiles have {} to {} left, depending on what the compiler set aside "
          "for activations.",
          bytes_text(cached), bytes_text(surely), bytes_text(at_most));
    finding.why_here += streamed_layers();
  }

  // What the source tells: the layers that stream, the largest first, each with its own reason.
  std::string streamed_layers() const {
    if (!source_ || operators_.size() != 1) return "";
    std::vector<std::pair<std::uint64_t, const target::edgetpu::StoredLayer*>> layers;
    for (std::size_t i = 0; i < source_->prediction.layers.size(); ++i) {
      const auto& layer = source_->prediction.layers[i];
      if (const auto& found = source_->found.layers[i]; found && found->cached_bytes < layer.stored_bytes)
        layers.emplace_back(layer.stored_bytes - found->cached_bytes, &layer);
    }
    std::stable_sort(layers.begin(), layers.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
    std::string text;
    for (std::size_t i = 0; i < std::min(kNamedLayers, layers.size()); ++i) {
      const std::string& why = layers[i].second->why;
      text += fmt::format(" {} streams {}{}{}.", short_name(layers[i].second->name), bytes_text(layers[i].first),
                          why.empty() ? "" : ": ", why);
    }
    if (layers.size() > kNamedLayers)
      text += fmt::format(" So do {}.", counted(layers.size() - kNamedLayers, "smaller one"));
    return text;
  }

  void instructions(const EdgeTpuOperator& op, const Traffic& traffic) {
    const std::uint64_t data = traffic.total() - traffic.instructions;
    if (traffic.instructions <= data) return;
    add("edgetpu-instructions", {op.op}, link_cost(traffic.instructions, in(traffic.instructions))).why_here =
        fmt::format("Here {} of instructions stand against {} of everything else: {}.",
                    bytes_text(traffic.instructions), bytes_text(data), time_text(in(traffic.instructions)));
  }

  void outputs(const EdgeTpuOperator& op, const Executable& running, const Traffic& traffic) {
    const std::uint64_t back = traffic.output + traffic.scratch_out, there = traffic.total() - back;
    if (out(traffic.output).low > in(there).high)
      add("edgetpu-output-dominates", {op.op}, link_cost(traffic.output, out(traffic.output))).why_here =
          fmt::format("{} of output take {}; the {} that go to the chip take {}.", bytes_text(traffic.output),
                      time_text(out(traffic.output)), bytes_text(there), time_text(in(there)));
    const std::uint64_t wanted = sum(running.outputs, payload);
    if (traffic.output < wanted + wanted / 4 || traffic.output - wanted < 64) return;
    const std::uint64_t padding = traffic.output - wanted;
    std::string widest;
    for (const Layer& layer : running.outputs)
      if (layer.bytes > payload(layer))
        widest += fmt::format("{}{} ({} for {})", widest.empty() ? " " : ", ", layer.name, bytes_text(layer.bytes),
                              bytes_text(payload(layer)));
    add("edgetpu-output-padding", {op.op}, link_cost(padding, out(padding))).why_here =
        fmt::format("Of {} that come back {} are padding: {}.{}{}", bytes_text(traffic.output), bytes_text(padding),
                    time_text(out(padding)), widest, widest.empty() ? "" : ".");
  }

  void scratch(const EdgeTpuOperator& op, const Traffic& traffic) {
    if (traffic.scratch_in + traffic.scratch_out == 0) return;
    const Interval us = in(traffic.scratch_in) + out(traffic.scratch_out);
    add("edgetpu-scratch", {op.op}, link_cost(traffic.scratch_in + traffic.scratch_out, us)).why_here =
        fmt::format("{} go out and {} come back in: {}.", bytes_text(traffic.scratch_out),
                    bytes_text(traffic.scratch_in), time_text(us));
  }

  void inputs(const EdgeTpuOperator& op, const Executable& running, const Traffic& traffic) {
    const std::uint64_t layers = sum(running.inputs, [](const Layer& layer) { return layer.bytes; });
    if (traffic.input <= layers) return;
    const std::uint64_t again = traffic.input - layers;
    add("edgetpu-input-again", {op.op}, link_cost(again, in(again))).why_here = fmt::format(
        "{} are sent for {} of input: {}.", bytes_text(traffic.input), bytes_text(layers), time_text(in(again)));
  }

  // Blocks of fewer than 64 outputs take whole rows of 256 B: exact, from the placement.
  void whole_rows(const EdgeTpuOperator& op) {
    const Executable* caching = target::edgetpu::caching_executable(op.package);
    if (!caching) return;
    const std::uint64_t taken = target::edgetpu::rows_used(target::edgetpu::placement(*caching)) *
                                target::edgetpu::kBytesPerRow,
                        stored = caching->parameters.size();
    if (taken < kWorthInflation * static_cast<double>(stored) || taken - stored < kWorthBytes) return;
    add("edgetpu-narrow-layers", {op.op}, {.bytes = taken - stored}).why_here =
        fmt::format("{} of cached parameters take {} of the chip's memory, in rows of 256 B.", bytes_text(stored),
                    bytes_text(taken));
  }

  void narrow_layers() {
    if (!source_) return;
    std::string names;
    std::size_t count = 0;
    std::uint64_t more = 0;
    bool exact = true;
    for (std::size_t i = 0; i < source_->prediction.layers.size(); ++i) {
      const auto& layer = source_->prediction.layers[i];
      // Depthwise layers always take 4 B a weight: nobody can do anything about it.
      if (layer.form == target::edgetpu::Form::Depthwise || layer.source_bytes == 0 ||
          layer.stored_bytes < layer.source_bytes + kWorthBytes ||
          static_cast<double>(layer.stored_bytes) < kWorthInflation * static_cast<double>(layer.source_bytes))
        continue;
      more += layer.stored_bytes - layer.source_bytes;
      exact = exact && source_->found.layers[i];
      if (++count <= kNamedLayers)
        names +=
            fmt::format(" {} ({}): {} became {}, {:.1f} times.", short_name(layer.name), graph::kind_name(layer.kind),
                        bytes_text(layer.source_bytes), bytes_text(layer.stored_bytes),
                        static_cast<double>(layer.stored_bytes) / static_cast<double>(layer.source_bytes));
    }
    if (count == 0) return;
    if (count > kNamedLayers) names += fmt::format(" So did {}.", counted(count - kNamedLayers, "more layer"));
    add("edgetpu-inflated-layers", {}, {.bytes = more, .basis = exact ? Basis::Exact : Basis::Predicted}).why_here =
        names.substr(1);
  }

  // What runs on the CPU before, between and after the device's parts.
  void partitions() {
    std::vector<bool> mapped(graph_.operators.size(), false);
    for (const EdgeTpuOperator& op : operators_) mapped[static_cast<std::size_t>(op.op)] = true;
    const target::Placement placement = target::place(graph_, mapped);
    for (std::size_t i = 0; i < placement.partitions.size(); ++i) {
      const auto& part = placement.partitions[i];
      if (part.on_device) continue;
      const bool first = i == 0, last = i + 1 == placement.partitions.size();
      const std::uint64_t to_cpu = first ? 0 : part.bytes_in, to_device = last ? 0 : part.bytes_out;
      const Interval us = out(to_cpu) + in(to_device);
      const std::string_view id = first ? "cpu-head" : last ? "cpu-tail" : "cpu-hole";
      Finding& finding = add(id, part.operators, link_cost(to_cpu + to_device, us));
      std::vector<std::string> crossing;
      if (to_cpu > 0) crossing.push_back(fmt::format("{} come off the device for them", bytes_text(to_cpu)));
      if (to_device > 0) crossing.push_back(fmt::format("{} go to the device from them", bytes_text(to_device)));
      finding.why_here = fmt::format(
          "{} here ({} of side in all). {}: {}. The CPU's own time is not in this figure.",
          counted(part.operators.size(), "operator"),
          counted(static_cast<std::size_t>(placement.transitions), "change"),
          crossing.empty() ? "No tensor crosses" : fmt::format("{}", fmt::join(crossing, " and ")), time_text(us));
    }
  }

  void several() {
    if (operators_.size() < 2) return;
    std::vector<int> indices;
    std::vector<std::uint64_t> tokens;
    for (const EdgeTpuOperator& op : operators_) {
      indices.push_back(op.op);
      if (const Executable* running = target::edgetpu::running_executable(op.package))
        if (std::find(tokens.begin(), tokens.end(), running->caching_token) == tokens.end())
          tokens.push_back(running->caching_token);
    }
    const int calls = static_cast<int>(operators_.size()) - 1;
    const Interval once = target::edgetpu::predict({}, std::nullopt, kLink).microseconds,
                   us = {once.low * calls, once.high * calls};
    Finding& finding =
        add("edgetpu-several-subgraphs", indices, {.microseconds = {{us.low, us.high}}, .basis = Basis::Predicted});
    finding.why_here =
        fmt::format("Here {} subgraphs are called one after the other; the floor of {} is {}.", operators_.size(),
                    counted(static_cast<std::size_t>(calls), "more call"), time_text(us));
    if (tokens.size() > 1)
      finding.why_here += fmt::format(
          " They carry {} caching tokens, so the driver drops the cache between them and sends cached parameters again "
          "at every inference.",
          tokens.size());
  }

  const graph::Subgraph& graph_;
  const std::vector<EdgeTpuOperator>& operators_;
  const EdgeTpuSource* source_;
  std::vector<Finding> findings_;
};

}  // namespace

FindingCost link_cost(std::uint64_t bytes, const Interval& us) {
  return {.bytes = bytes, .microseconds = {{us.low, us.high}}, .basis = Basis::Predicted};
}

std::vector<Finding> edgetpu_findings(const graph::Model& model, const std::vector<EdgeTpuOperator>& operators,
                                      const EdgeTpuSource* source) {
  if (operators.empty()) return {};
  return Finder(model, operators, source).find();
}

bool named_as_compiled(const std::string& path) {
  return std::filesystem::path(path).stem().string().ends_with("_edgetpu");
}

Finding not_compiled(const std::string& path) {
  return {.kind = &finding_kind("edgetpu-not-compiled"), .where = fmt::format("file {}", path)};
}

}  // namespace edgescope::analysis
