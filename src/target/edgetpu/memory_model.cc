#include "target/edgetpu/memory_model.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "graph/uses.h"
#include "target/edgetpu/stored_bytes.h"

namespace edgescope::target::edgetpu {
namespace {

using graph::Kind;

// Rows that compiled files of each family were seen to leave for parameters.
constexpr Cap kWithoutSpatial = {.low = 1980, .central = 2012, .high = 2070};
constexpr Cap kSpatial = {.low = 1283, .central = 1990, .high = 2070};

using Rows = std::array<int, kTiles>;

class Tiles {
 public:
  Tiles(Compiler compiler, int cap, Rows used) : any_tile_(compiler >= Compiler::V16), cap_(cap), used_(used) {}

  const Rows& used() const { return used_; }

  bool place(StoredLayer& layer) {
    const Rows before = used_;
    layer.placed.clear();
    layer.why.clear();
    layer.cached = layer.form == Form::FullyConnected ? place_blocks(layer) : place_run(layer);
    if (!layer.cached) {
      used_ = before;
      layer.placed.clear();
    }
    return layer.cached;
  }

 private:
  int room(int tile) const { return std::max(0, cap_ - used_[static_cast<std::size_t>(tile)]); }
  int emptiest() const {
    return static_cast<int>(std::min_element(used_.begin(), used_.end()) - used_.begin());
  }
  int free_rows() const {
    int rows = 0;
    for (int tile = 0; tile < kTiles; ++tile) rows += room(tile);
    return rows;
  }

  void take(StoredLayer& layer, int tile, int rows) {
    layer.placed.push_back({.tiles = static_cast<std::uint16_t>(1u << tile), .row = used_[static_cast<std::size_t>(tile)], .rows = rows});
    used_[static_cast<std::size_t>(tile)] += rows;
  }

  bool place_blocks(StoredLayer& layer) {
    const int rows = layer.rows_per_block;
    if (rows > cap_) {
      layer.why = fmt::format("one block of 64 outputs takes {} rows, a tile has {} for parameters", rows, cap_);
      return false;
    }
    for (int block = 0; block < layer.blocks; ++block) {
      const int tile = any_tile_ ? emptiest() : block % kTiles;
      if (room(tile) < rows) {
        layer.why = any_tile_ ? fmt::format("block {} of {} needs {} rows, the emptiest tile has {} left", block + 1, layer.blocks, rows, room(tile))
                              : fmt::format("block {} of {} needs {} rows in tile {}, which has {} left; {} rows are free in other tiles, "
                                            "where this compiler does not put it",
                                            block + 1, layer.blocks, rows, tile, room(tile), free_rows() - room(tile));
        return false;
      }
      take(layer, tile, rows);
    }
    return true;
  }

  bool place_run(StoredLayer& layer) {
    int rows = layer.rows();
    if (rows > free_rows()) {
      layer.why = fmt::format("it takes {} rows, {} are left over all tiles", rows, free_rows());
      return false;
    }
    while (rows > 0) {
      const int tile = emptiest(), part = std::min(rows, room(tile));
      take(layer, tile, part);
      rows -= part;
    }
    return true;
  }

  bool any_tile_;
  int cap_;
  Rows used_;
};

}  // namespace

std::optional<Compiler> compiler_from_name(std::string_view name) {
  for (Compiler compiler : {Compiler::V1_0, Compiler::V2_0, Compiler::V2_1, Compiler::V14, Compiler::V15, Compiler::V16})
    if (name == compiler_name(compiler)) return compiler;
  return std::nullopt;
}

std::string_view compiler_name(Compiler compiler) {
  constexpr std::string_view names[] = {"1.0", "2.0", "2.1", "14", "15", "16"};
  return names[static_cast<std::size_t>(compiler)];
}

std::string_view form_name(Form form) {
  constexpr std::string_view names[] = {"convolution", "fully_connected", "depthwise", "hidden", "streamed"};
  return names[static_cast<std::size_t>(form)];
}

Fill fill_tiles(std::vector<StoredLayer>& layers, Compiler compiler, int cap, Rows rows_used) {
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < layers.size(); ++i)
    if (layers[i].form != Form::Streamed) order.push_back(i);
  // Whole layers, depthwise ones first, then most rows first; a layer that does not fit is passed over.
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    const bool first = layers[a].form == Form::Depthwise, second = layers[b].form == Form::Depthwise;
    return first != second ? first : layers[a].rows() > layers[b].rows();
  });
  Tiles tiles(compiler, cap, rows_used);
  Fill fill;
  for (std::size_t i : order) tiles.place(layers[i]);
  for (const StoredLayer& layer : layers) (layer.cached ? fill.cached_bytes : fill.streamed_bytes) += layer.stored_bytes;
  fill.rows_used = tiles.used();
  return fill;
}

MemoryPrediction predict_memory(const graph::Subgraph& subgraph, const std::vector<bool>& mapped, Compiler compiler) {
  MemoryPrediction result;
  result.compiler = compiler;
  bool spatial = false, constant_activation = false;
  for (int op : graph::execution_order(subgraph)) {
    if (!mapped.empty() && !mapped[static_cast<std::size_t>(op)]) continue;
    for (StoredLayer& layer : stored_layers(subgraph, op, compiler, result.not_predicted)) {
      spatial = spatial || layer.form == Form::Convolution || layer.form == Form::Depthwise;
      // Of the constants in activation positions of fully connected layers one streams; the first is assumed.
      if (layer.form == Form::Streamed && layer.kind == Kind::FullyConnected) {
        if (constant_activation) {
          layer.form = Form::Hidden;
          layer.why.clear();
        }
        constant_activation = true;
      }
      result.stored_bytes += layer.stored_bytes;
      result.layers.push_back(std::move(layer));
    }
  }
  result.cap = spatial ? kSpatial : kWithoutSpatial;

  const Fill central = fill_tiles(result.layers, compiler, result.cap.central);
  result.cached_bytes = result.cached_low = result.cached_high = central.cached_bytes;
  result.streamed_bytes = result.streamed_low = result.streamed_high = central.streamed_bytes;
  result.rows_used = central.rows_used;
  // More room does not always cache more (a large layer that now fits may push out several), so the range
  // is taken over the caps, not from its ends.
  constexpr int kSteps = 16;
  for (int step = 0; step <= kSteps; ++step) {
    std::vector<StoredLayer> layers = result.layers;
    const Fill fill = fill_tiles(layers, compiler, result.cap.low + (result.cap.high - result.cap.low) * step / kSteps);
    result.cached_low = std::min(result.cached_low, fill.cached_bytes);
    result.cached_high = std::max(result.cached_high, fill.cached_bytes);
    result.streamed_low = std::min(result.streamed_low, fill.streamed_bytes);
    result.streamed_high = std::max(result.streamed_high, fill.streamed_bytes);
  }
  return result;
}

}  // namespace edgescope::target::edgetpu
