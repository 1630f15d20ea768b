#include "analysis/caching_advice.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/units.h"

namespace edgescope::analysis {
namespace {

using base::Json;
using namespace target::edgetpu;
using target::Interval;

using Layers = std::vector<StoredLayer>;

constexpr int kMostSticks = 4;
constexpr std::uint64_t kHiddenBytes = 4096;  // smaller matrices are not worth a word

std::string_view reason_name(Streams reason) {
  switch (reason) {
    case Streams::No:
      break;
    case Streams::ActivationPosition:
      return "activation_position";
    case Streams::BlockTooLarge:
      return "block_too_large";
    case Streams::TileFull:
      return "tile_full";
    case Streams::PoolFull:
      return "pool_full";
  }
  return "";
}

// Tries changes on one prediction.
class Trials {
 public:
  Trials(const MemoryPrediction& memory, Link link) : memory_(memory), link_(link) {}

  void narrowed(StreamingGroup& group, const std::vector<std::size_t>& which, std::string_view what) const {
    Layers layers = memory_.layers;
    std::vector<int> operators;
    std::string example;
    for (std::size_t i : which) {
      StoredLayer& layer = layers[i];
      if (layer.outputs <= 64 || layer.outputs % 64 == 0) continue;
      if (example.empty())
        example = fmt::format("`{}` from {} to {}", layer.name, layer.outputs, layer.outputs / 64 * 64);
      layer.stored_bytes =
          layer.stored_bytes / static_cast<std::uint64_t>(layer.blocks) * static_cast<std::uint64_t>(layer.blocks - 1);
      --layer.blocks;
      operators.push_back(layer.op);
    }
    if (operators.empty()) return;
    const std::size_t count = operators.size();
    add(group,
        fmt::format("give {} a multiple of 64 output channels: {}{}", what, example,
                    count > 1 ? fmt::format(" and {} more", count - 1) : ""),
        std::move(operators), layers);
  }

  void as_convolutions(StreamingGroup& group) const {
    Layers layers = memory_.layers;
    std::vector<int> operators;
    for (std::size_t i : group.layers) {
      if (layers[i].form != Form::FullyConnected) continue;
      layers[i].form = Form::Convolution;
      operators.push_back(layers[i].op);
    }
    if (!operators.empty())
      add(group,
          operators.size() == 1 ? "write the layer as a 1x1 CONV_2D over a map with width or height: its rows may be "
                                  "cut at any tile's end"
                                : "write the layers as 1x1 CONV_2D over a map with width or height: their rows may be "
                                  "cut at any tile's end",
          std::move(operators), layers);
  }

  void newer_compiler(StreamingGroup& group) const {
    if (memory_.compiler >= Compiler::V16) return;
    Layers layers = memory_.layers;
    add(group, "compile with version 16, which puts a block into any tile with room", {}, layers, Compiler::V16);
  }

  void without(StreamingGroup& group, std::string change) const {
    CachingAdvice advice{.change = std::move(change), .saved_bytes = group.bytes};
    for (std::size_t i : group.layers) advice.operators.push_back(memory_.layers[i].op);
    advice.saved_us = transfer_in(link_, advice.saved_bytes);
    group.advice.push_back(std::move(advice));
  }

  // Parts of equal stored bytes in execution order, one a stick.
  void segmented(StreamingGroup& group) const {
    for (int sticks = 2; sticks <= kMostSticks; ++sticks) {
      std::uint64_t streamed = 0, seen = 0;
      std::vector<Layers> parts(static_cast<std::size_t>(sticks));
      for (const StoredLayer& layer : memory_.layers) {
        const std::uint64_t part =
            memory_.stored_bytes ? seen * static_cast<std::uint64_t>(sticks) / memory_.stored_bytes : 0;
        parts[std::min<std::size_t>(part, parts.size() - 1)].push_back(layer);
        seen += layer.stored_bytes;
      }
      for (Layers& layers : parts) streamed += fill_tiles(layers, memory_.compiler, memory_.cap.central).streamed_bytes;
      if (streamed + group.bytes > memory_.streamed_bytes) continue;
      saved(group, fmt::format("split the model over {} sticks (edgetpu_compiler --num_segments={})", sticks, sticks),
            {}, streamed);
      return;
    }
  }

 private:
  void add(StreamingGroup& group, std::string change, std::vector<int> operators, Layers& layers,
           std::optional<Compiler> compiler = {}) const {
    saved(group, std::move(change), std::move(operators),
          fill_tiles(layers, compiler.value_or(memory_.compiler), memory_.cap.central).streamed_bytes);
  }
  void saved(StreamingGroup& group, std::string change, std::vector<int> operators, std::uint64_t streamed) const {
    if (streamed >= memory_.streamed_bytes) return;  // it does not help
    const std::uint64_t bytes = memory_.streamed_bytes - streamed;
    group.advice.push_back({std::move(change), std::move(operators), bytes, transfer_in(link_, bytes)});
  }

  const MemoryPrediction& memory_;
  Link link_;
};

void advise(StreamingGroup& group, const MemoryPrediction& memory, const Trials& trials) {
  std::vector<std::size_t> all(memory.layers.size());
  for (std::size_t i = 0; i < all.size(); ++i) all[i] = i;
  switch (group.reason) {
    case Streams::No:
      return;
    case Streams::ActivationPosition:
      trials.without(group, memory.layers[group.layers[0]].kind == graph::Kind::Prelu
                                ? "use RELU, or slopes that are one number for all channels"
                                : "fold the constants into the weights or the bias of the layer before or behind");
      return;
    case Streams::BlockTooLarge:
      trials.as_convolutions(group);
      break;
    case Streams::TileFull:
      trials.newer_compiler(group);
      trials.as_convolutions(group);
      [[fallthrough]];
    case Streams::PoolFull:
      trials.narrowed(group, group.layers, group.layers.size() == 1 ? "the layer" : "these layers");
      trials.narrowed(group, all, "all layers");
      trials.segmented(group);
      break;
  }
  std::stable_sort(group.advice.begin(), group.advice.end(),
                   [](const CachingAdvice& a, const CachingAdvice& b) { return a.saved_bytes > b.saved_bytes; });
}

Json interval_json(const Interval& interval) { return Json::array({interval.low, interval.high}); }

Json layer_json(const StoredLayer& layer) {
  Json placed = Json::array();
  for (const PlacedBlock& block : layer.placed) {
    Json tiles = Json::array();
    for (int tile = 0; tile < kTiles; ++tile)
      if (block.tiles >> tile & 1) tiles.push_back(tile);
    placed.push_back({{"tiles", std::move(tiles)}, {"row", block.row}, {"rows", block.rows}});
  }
  Json json = {{"operator", layer.op},
               {"name", layer.name},
               {"kind", graph::kind_name(layer.kind)},
               {"form", form_name(layer.form)},
               {"source_bytes", layer.source_bytes},
               {"stored_bytes", layer.stored_bytes},
               {"blocks", layer.blocks},
               {"rows_per_block", layer.rows_per_block},
               {"header_rows", layer.header_rows},
               {"cached", layer.cached}};
  if (!layer.cached) {
    json["streams"] = reason_name(layer.streams);
    json["why"] = layer.why;
  }
  if (!layer.assumption.empty()) json["assumption"] = layer.assumption;
  json["placement"] = std::move(placed);
  return json;
}

std::string_view finding_id(Streams reason) {
  switch (reason) {
    case Streams::ActivationPosition:
      return "edgetpu-constant-activation";
    case Streams::BlockTooLarge:
      return "edgetpu-block-too-large";
    case Streams::TileFull:
      return "edgetpu-tile-full";
    default:
      return "edgetpu-tiles-full";
  }
}

std::string place(const StoredLayer& layer) {
  return fmt::format("operator {} {} {}", layer.op, graph::kind_name(layer.kind), layer.name);
}

std::string sooner(const Interval& us) {
  return fmt::format("{} to {}", base::microseconds_text(us.low), base::microseconds_text(us.high));
}

Finding streaming_finding(const MemoryPrediction& memory, const StreamingGroup& group, Link link) {
  const StoredLayer& first = memory.layers[group.layers[0]];
  Finding finding{
      .kind = &finding_kind(finding_id(group.reason)),
      .where = group.layers.size() == 1 ? place(first)
                                        : fmt::format("{} layers, the first {}", group.layers.size(), place(first)),
      .cost = {.bytes = group.bytes, .microseconds = {{group.us.low, group.us.high}}, .basis = Basis::Predicted}};
  for (std::size_t i : group.layers) finding.operators.push_back(memory.layers[i].op);
  const std::uint64_t free =
      static_cast<std::uint64_t>(kTiles) * static_cast<std::uint64_t>(memory.cap.central) * kBytesPerRow;
  std::uint64_t used = 0;
  for (int rows : memory.rows_used) used += static_cast<std::uint64_t>(rows) * kBytesPerRow;
  finding.why_here = fmt::format(
      "Here: {}. {} of {} are taken over all tiles; the time is that of {} at every inference over {}.", first.why,
      base::bytes_text(used), base::bytes_text(free), base::bytes_text(group.bytes), link_name(link));
  for (const CachingAdvice& advice : group.advice)
    finding.remedy_here += fmt::format(
        "{}{}: {} fewer stream, {} an inference ({})", finding.remedy_here.empty() ? "Here, best first: " : "; ",
        advice.change, base::bytes_text(advice.saved_bytes), sooner(advice.saved_us),
        group.reason == Streams::ActivationPosition ? "without the constants" : "computed by filling the tiles again");
  finding.remedy_here +=
      finding.remedy_here.empty() ? "No change of one kind that was tried here makes less stream." : ".";
  return finding;
}

}  // namespace

std::vector<StreamingGroup> streaming_groups(const MemoryPrediction& memory, Link link) {
  std::vector<StreamingGroup> groups;
  for (std::size_t i = 0; i < memory.layers.size(); ++i) {
    const StoredLayer& layer = memory.layers[i];
    if (layer.cached || layer.stored_bytes == 0) continue;
    auto group =
        std::find_if(groups.begin(), groups.end(), [&](const StreamingGroup& g) { return g.reason == layer.streams; });
    if (group == groups.end()) group = groups.insert(groups.end(), {.reason = layer.streams});
    group->layers.push_back(i);
    group->bytes += layer.stored_bytes;
  }
  const Trials trials(memory, link);
  for (StreamingGroup& group : groups) {
    group.us = transfer_in(link, group.bytes);
    advise(group, memory, trials);
  }
  std::stable_sort(groups.begin(), groups.end(),
                   [](const StreamingGroup& a, const StreamingGroup& b) { return a.bytes > b.bytes; });
  return groups;
}

Json memory_json(const MemoryPrediction& memory, const std::vector<StreamingGroup>& groups) {
  Json layers = Json::array(), advice = Json::array();
  for (const StoredLayer& layer : memory.layers) layers.push_back(layer_json(layer));
  for (const StreamingGroup& group : groups)
    for (const CachingAdvice& one : group.advice)
      advice.push_back({{"streams", reason_name(group.reason)},
                        {"change", one.change},
                        {"operators", one.operators},
                        {"saved_bytes", one.saved_bytes},
                        {"saved_us", interval_json(one.saved_us)}});
  return {{"basis", basis_name(Basis::Predicted)},
          {"compiler", compiler_name(memory.compiler)},
          {"stored_bytes", memory.stored_bytes},
          {"cached_bytes", memory.cached_bytes},
          {"streamed_bytes", memory.streamed_bytes},
          {"cached_bytes_range", {memory.cached_low, memory.cached_high}},
          {"streamed_bytes_range", {memory.streamed_low, memory.streamed_high}},
          {"tiles", kTiles},
          {"rows_per_tile", kRowsPerTile},
          {"bytes_per_row", kBytesPerRow},
          {"rows_for_parameters", memory.cap.central},
          {"rows_for_parameters_range", {memory.cap.low, memory.cap.high}},
          {"rows_used", memory.rows_used},
          {"layers", std::move(layers)},
          {"advice", std::move(advice)},
          {"not_predicted", memory.not_predicted}};
}

std::vector<Finding> caching_findings(const MemoryPrediction& memory, const std::vector<StreamingGroup>& groups,
                                      Link link) {
  std::vector<Finding> findings;
  for (const StreamingGroup& group : groups) findings.push_back(streaming_finding(memory, group, link));
  // All matrices of one operator together: one size is what causes them.
  for (auto layer = memory.layers.begin(); layer != memory.layers.end();) {
    const auto end =
        std::find_if(layer, memory.layers.end(), [&](const StoredLayer& other) { return other.op != layer->op; });
    std::uint64_t bytes = 0, streamed = 0;
    int rows = 0;
    for (auto part = layer; part != end; ++part) {
      if (part->form != Form::Hidden || part->source_bytes > 0) continue;
      bytes += part->stored_bytes;
      streamed += part->cached ? 0 : part->stored_bytes;
      rows += part->rows();
    }
    if (bytes >= kHiddenBytes) {
      Finding finding{.kind = &finding_kind("edgetpu-hidden-matrix"),
                      .where = place(*layer),
                      .operators = {layer->op},
                      .cost = {.bytes = bytes, .basis = Basis::Predicted}};
      if (streamed > 0) {
        const Interval us = transfer_in(link, streamed);
        finding.cost.microseconds = {{us.low, us.high}};
      }
      finding.why_here = fmt::format("Here: {} that the source model does not have, {} rows of {} in the tiles{}.",
                                     base::bytes_text(bytes), rows, kTiles * memory.cap.central,
                                     streamed == 0 ? ", kept on the chip: it costs room, not time"
                                                   : fmt::format(", of which {} stream", base::bytes_text(streamed)));
      findings.push_back(std::move(finding));
    }
    layer = end;
  }
  return findings;
}

}  // namespace edgescope::analysis
