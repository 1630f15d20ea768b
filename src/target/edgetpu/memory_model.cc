#include "target/edgetpu/memory_model.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "graph/uses.h"
#include "target/edgetpu/stored_bytes.h"

namespace edgescope::target::edgetpu {
namespace {

using graph::Kind;

// Rows of a tile that compilers were seen to leave for parameters; the rest is for working buffers and for
// activations that do not fit narrow memory, by a rule that nobody has found. By family, from compiled
// files, published series and the "used" and "remaining" of public logs; docs/edgetpu_memory.md names them.
constexpr Cap kWithoutSpatial = {.low = 1980, .central = 2012, .high = 2071};
constexpr Cap kWithoutSpatialOld = {.low = 1980, .central = 2052, .high = 2071};  // up to 2.1
constexpr Cap kSmallImages = {.low = 1787, .central = 1990, .high = 2070};        // maps up to 64x64
constexpr Cap kImages = {.low = 1556, .central = 1990, .high = 2070};             // up to 320x320
constexpr Cap kLargeImages = {.low = 279, .central = 1990, .high = 2070};         // super-resolution among them
constexpr Cap kLargeKernels = {.low = 1280, .central = 1290, .high = 1305};       // 7x7 on 32 channels of 128x128

Cap cap_of(const graph::Subgraph& subgraph, const std::vector<StoredLayer>& layers, Compiler compiler) {
  bool spatial = false, large_kernels = false;
  std::int64_t largest = 0;  // places of a map
  const auto places = [&](int tensor) -> std::int64_t {
    if (tensor < 0) return 0;
    const auto& dims = subgraph.tensors[static_cast<std::size_t>(tensor)].shape.dims;
    constexpr std::int64_t kMost = 1 << 16;  // a side; larger maps are of one family anyway
    return dims.size() == 4 ? std::clamp<std::int64_t>(dims[1], 0, kMost) * std::clamp<std::int64_t>(dims[2], 0, kMost)
                            : 0;
  };
  for (const StoredLayer& layer : layers) {
    if (layer.form != Form::Convolution && layer.form != Form::Depthwise) continue;
    spatial = true;
    const graph::Operator& op = subgraph.operators[static_cast<std::size_t>(layer.op)];
    const std::int64_t out = op.outputs.empty() ? 0 : places(op.outputs[0]);
    largest = std::max({largest, out, op.inputs.empty() ? 0 : places(op.inputs[0])});
    if (layer.form != Form::Convolution || op.inputs.size() < 2 || op.inputs[1] < 0) continue;
    const auto& kernel = subgraph.tensors[static_cast<std::size_t>(op.inputs[1])].shape.dims;
    large_kernels = large_kernels ||
                    (kernel.size() == 4 && kernel[1] >= 7 && kernel[2] >= 7 && kernel[3] >= 32 && out >= 128 * 128);
  }
  if (!spatial) return compiler <= Compiler::V2_1 ? kWithoutSpatialOld : kWithoutSpatial;
  if (large_kernels) return kLargeKernels;
  return largest <= 64 * 64 ? kSmallImages : largest <= 320 * 320 ? kImages : kLargeImages;
}

using Rows = std::array<int, kTiles>;

// Chooses and places layers; see fill_tiles.
class Pool {
 public:
  Pool(Compiler compiler, int cap, const Rows& taken, std::vector<StoredLayer>& layers)
      : any_tile_(compiler >= Compiler::V16), cap_(cap), taken_(taken), blocks_(taken), layers_(layers) {
    for (int rows : taken) free_ += std::max(0, cap - rows);
  }

  void fill() {
    for (std::size_t i : order()) {
      StoredLayer& layer = layers_[i];
      layer.streams = layer.form == Form::FullyConnected ? choose_blocks(i) : choose_run(layer);
      layer.cached = layer.streams == Streams::No;
      if (layer.cached && layer.form != Form::FullyConnected) runs_.push_back(i);
    }
    place();
  }

  const Rows& used() const { return used_; }

 private:
  std::vector<std::size_t> order() const {
    std::vector<std::size_t> order;
    for (std::size_t i = 0; i < layers_.size(); ++i) {
      StoredLayer& layer = layers_[i];
      layer.placed.clear();
      if (layer.form == Form::Streamed) {
        layer.cached = false;
        layer.streams = Streams::ActivationPosition;
      } else {
        layer.why.clear();
        order.push_back(i);
      }
    }
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
      const bool first = layers_[a].form == Form::Depthwise, second = layers_[b].form == Form::Depthwise;
      return first != second ? first : layers_[a].rows() > layers_[b].rows();
    });
    return order;
  }

  static int& at(Rows& rows, int tile) { return rows[static_cast<std::size_t>(tile)]; }
  static int emptiest(const Rows& rows) {
    return static_cast<int>(std::min_element(rows.begin(), rows.end()) - rows.begin());
  }

  // Adds a layer's blocks to `rows`; the first that does not fit, or -1.
  int stack(const StoredLayer& layer, Rows& rows, int& tile) const {
    for (int block = 0; block < layer.blocks; ++block) {
      tile = any_tile_ ? emptiest(rows) : block % kTiles;
      if (at(rows, tile) + layer.rows_per_block > cap_) return block;
      at(rows, tile) += layer.rows_per_block;
    }
    return -1;
  }

  Streams choose_blocks(std::size_t index) {
    StoredLayer& layer = layers_[index];
    if (layer.rows_per_block > cap_) {
      layer.why = fmt::format("one block of 64 outputs takes {} rows, a tile has {} for parameters",
                              layer.rows_per_block, cap_);
      return Streams::BlockTooLarge;
    }
    if (layer.rows() > free_) return no_room(layer);
    const auto lower = [&](std::size_t a, std::size_t b) {
      return layers_[a].rows_per_block > layers_[b].rows_per_block;
    };
    const auto position = std::upper_bound(stacked_.begin(), stacked_.end(), index, lower);
    Rows rows = blocks_;
    int tile = 0, block = -1;
    if (position == stacked_.end()) {  // on top of what is there, as in a chain of equal layers
      block = stack(layer, rows, tile);
    } else {
      std::vector<std::size_t> all = stacked_;
      all.insert(all.begin() + (position - stacked_.begin()), index);
      rows = taken_;
      for (std::size_t i : all)
        if ((block = stack(layers_[i], rows, tile)) >= 0) break;
    }
    if (block >= 0) {
      const int left = cap_ - at(rows, tile);
      layer.why =
          any_tile_
              ? fmt::format("a block of {} rows is left over: the emptiest tile has {} left", layer.rows_per_block,
                            left)
              : fmt::format(
                    "block {} of {} needs {} rows in tile {}, which has {} left; {} rows are free in other tiles, "
                    "where this compiler does not put it",
                    block + 1, layer.blocks, layer.rows_per_block, tile, left, free_ - left);
      return Streams::TileFull;
    }
    stacked_.insert(position, index);
    blocks_ = rows;
    free_ -= layer.rows();
    return Streams::No;
  }

  Streams choose_run(StoredLayer& layer) {
    if (layer.rows() > free_) return no_room(layer);
    free_ -= layer.rows();
    return Streams::No;
  }

  Streams no_room(StoredLayer& layer) const {
    layer.why = fmt::format("it takes {} rows, {} are left over all tiles", layer.rows(), free_);
    return Streams::PoolFull;
  }

  void take(StoredLayer& layer, int tile, int rows) {
    layer.placed.push_back({.tiles = static_cast<std::uint16_t>(1u << tile), .row = at(used_, tile), .rows = rows});
    at(used_, tile) += rows;
  }

  void place() {
    used_ = taken_;
    for (std::size_t i : stacked_)
      for (int block = 0; block < layers_[i].blocks; ++block)
        take(layers_[i], any_tile_ ? emptiest(used_) : block % kTiles, layers_[i].rows_per_block);
    for (std::size_t i : runs_)
      if (layers_[i].kind == Kind::Softmax) spread(layers_[i]);
    for (std::size_t i : runs_)
      if (layers_[i].kind != Kind::Softmax) run(layers_[i], layers_[i].rows());
  }

  // A softmax's sums are made by all tiles at once, so its matrices lie in all of them.
  void spread(StoredLayer& layer) {
    const int share = (layer.rows() + kTiles - 1) / kTiles;
    int rest = layer.rows();
    for (int tile = 0; tile < kTiles && rest > 0; ++tile) {
      const int part = std::min({share, rest, cap_ - at(used_, tile)});
      if (part <= 0) continue;
      take(layer, tile, part);
      rest -= part;
    }
    run(layer, rest);
  }

  void run(StoredLayer& layer, int rows) {
    while (rows > 0) {
      const int tile = emptiest(used_), part = std::min(rows, cap_ - at(used_, tile));
      if (part <= 0) return;
      take(layer, tile, part);
      rows -= part;
    }
  }

  bool any_tile_;
  int cap_;
  Rows taken_;
  Rows blocks_;  // with the fully connected blocks that were chosen
  Rows used_ = {};
  int free_ = 0;
  std::vector<StoredLayer>& layers_;
  std::vector<std::size_t> stacked_;  // fully connected layers that were chosen, highest block first
  std::vector<std::size_t> runs_;     // the others
};

}  // namespace

std::optional<Compiler> compiler_from_name(std::string_view name) {
  for (Compiler compiler :
       {Compiler::V1_0, Compiler::V2_0, Compiler::V2_1, Compiler::V14, Compiler::V15, Compiler::V16})
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
  Pool pool(compiler, cap, rows_used, layers);
  pool.fill();
  Fill fill{.rows_used = pool.used()};
  for (const StoredLayer& layer : layers)
    (layer.cached ? fill.cached_bytes : fill.streamed_bytes) += layer.stored_bytes;
  return fill;
}

MemoryPrediction predict_memory(const graph::Subgraph& subgraph, const std::vector<bool>& mapped, Compiler compiler) {
  MemoryPrediction result;
  result.compiler = compiler;
  bool constant_activation = false;
  for (int op : graph::execution_order(subgraph)) {
    if (!mapped.empty() && !mapped[static_cast<std::size_t>(op)]) continue;
    for (StoredLayer& layer : stored_layers(subgraph, op, compiler, result.not_predicted)) {
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
  result.cap = cap_of(subgraph, result.layers, compiler);

  const Fill central = fill_tiles(result.layers, compiler, result.cap.central);
  result.cached_bytes = result.cached_low = result.cached_high = central.cached_bytes;
  result.streamed_bytes = result.streamed_low = result.streamed_high = central.streamed_bytes;
  result.rows_used = central.rows_used;
  // More room does not always cache more (a large layer that now fits may push out several), so the range
  // is taken over the caps, not from its ends; only where the least room holds all does more not matter.
  std::vector<StoredLayer> tight = result.layers;
  fill_tiles(tight, compiler, result.cap.low);
  if (std::all_of(tight.begin(), tight.end(),
                  [](const StoredLayer& layer) { return layer.cached || layer.form == Form::Streamed; }))
    return result;
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
