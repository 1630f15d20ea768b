// What the Edge TPU compiler will keep on the chip and what it will stream, predicted from the source
// model: the caching law.
//
// Parameters live in 16 tiles of 2,080 rows of 256 B. Every layer becomes blocks of up to 64 output
// channels; whole layers are cached, in an order, as long as their blocks find room; what does not fit
// is streamed at every inference although other tiles may be free. Stored bytes are exact for
// convolutions, fully connected and depthwise layers; what is cached is a prediction, because the rows
// that the compiler keeps for activations (2,080 - cap) are known for some families only.
//
// Derived from 178 compiled files, their sources and public logs; where the law is known not to hold
// (LSTM, colour-filter trackers, several subgraphs) is said in docs/edgetpu_memory.md.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "graph/model.h"
#include "target/edgetpu/placement.h"

namespace edgescope::target::edgetpu {

enum class Compiler : std::uint8_t { V1_0, V2_0, V2_1, V14, V15, V16 };
std::optional<Compiler> compiler_from_name(std::string_view name);  // "1.0", "2.0", "2.1", "14", "15", "16"
std::string_view compiler_name(Compiler compiler);

// How a layer's parameters are laid out.
enum class Form : std::uint8_t {
  Convolution,     // one run of rows in a home tile, cut where the tile is full
  FullyConnected,  // block j of 64 outputs in one tile
  Depthwise,       // 4 B a weight
  Hidden,  // a matrix that the compiler makes: permutation before a flatten, identity of a concatenation, softmax sums
  Streamed,  // a constant in an activation or elementwise position: never cached
};
std::string_view form_name(Form form);

// Why a layer is sent at every inference instead of being kept.
enum class Streams : std::uint8_t {
  No,                  // it is cached
  ActivationPosition,  // constants there are never kept
  BlockTooLarge,       // one block needs more rows than a tile has
  TileFull,            // the tile that it must go to is full, others are not (compilers before 16)
  PoolFull,            // what is left over all tiles is less than it takes
};

struct StoredLayer {
  int op = -1;  // operator of the subgraph
  graph::Kind kind = graph::Kind::Unknown;
  std::string name;  // of the output tensor
  Form form = Form::Convolution;
  std::uint64_t source_bytes = 0;  // the constants' bytes in the source model
  std::uint64_t stored_bytes = 0;  // what the compiled file holds for it
  std::int64_t outputs = 0;        // channels of the matrix; 0 where it is none
  int blocks = 1;
  int rows_per_block = 0;  // header rows included
  int header_rows = 0;     // of a block: biases and scales
  bool cached = false;     // at the central cap
  Streams streams = Streams::No;
  std::string why;         // where it streams: which tile was full, which block too large
  std::string assumption;  // where the law is open
  std::vector<PlacedBlock> placed;

  int rows() const { return blocks * rows_per_block; }
};

struct Cap {  // rows a tile that parameters may take
  int low = 0, central = 0, high = 0;
};

struct MemoryPrediction {
  Compiler compiler = Compiler::V16;
  Cap cap;
  std::uint64_t stored_bytes = 0, cached_bytes = 0, streamed_bytes = 0;  // at the central cap
  std::uint64_t cached_low = 0, cached_high = 0;                         // over the range of caps
  std::uint64_t streamed_low = 0, streamed_high = 0;
  std::vector<StoredLayer> layers;         // in execution order
  std::array<int, kTiles> rows_used = {};  // at the central cap
  std::vector<std::string> not_predicted;  // what the law does not cover in this model, one sentence each
};

// `mapped` says for each operator of the subgraph whether it runs on the Edge TPU; empty: all do.
MemoryPrediction predict_memory(const graph::Subgraph& subgraph, const std::vector<bool>& mapped, Compiler compiler);

// Which of the layers find room at `cap` rows a tile, in a pool of which `rows_used` are taken already, and
// where: sets `cached`, `streams`, `why` and `placed` of each. Layers of several models together are a
// co-compiled pool, changed layers are an advice that is tried.
//
// Whole layers are chosen: depthwise ones first, then those with most rows, and what does not fit is
// passed over. Blocks of fully connected layers have to fit into single tiles, so they lie at the bottom of
// the tiles, the highest first; runs of convolutions take what is left and are cut where a tile is full.
struct Fill {
  std::uint64_t cached_bytes = 0, streamed_bytes = 0;
  std::array<int, kTiles> rows_used = {};
};
Fill fill_tiles(std::vector<StoredLayer>& layers, Compiler compiler, int cap, std::array<int, kTiles> rows_used = {});

}  // namespace edgescope::target::edgetpu
