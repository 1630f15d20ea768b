// Which bytes of a compiled model are which layer's of its source: the layers of the caching law, found
// again in the file by their weights.
//
// The file holds the layers' stored bytes one after the other, cached ones in one place and streamed ones
// in another, nearly in execution order. A layer's piece holds all its weights (int8 ones with the top bit
// flipped) in the chip's order, with rows of biases and padding between; so the piece holds every byte
// value at least as often as the weights do, whatever the order, and that is what is looked for. The
// records that put cached pieces into tiles come in the same order. Where that account does not come out
// even (the law does not know how some layer is stored), only weights that are found are believed, and they
// are looked for further on as well.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "format/edgetpu/package.h"
#include "graph/model.h"
#include "target/edgetpu/memory_model.h"

namespace edgescope::target::edgetpu {

struct FoundLayer {
  std::uint64_t cached_bytes = 0;   // all of its stored bytes or none; a matrix of the compiler's own may be cut
  std::uint64_t offset = 0;         // into the cached parameters, or the streamed ones where it has none there
  bool by_content = false;          // its weights are there; else it has none and fills the place left over
  std::vector<PlacedBlock> placed;  // rows of tiles, as the file says; empty where the records cannot be told apart
};

struct Attribution {
  std::vector<std::optional<FoundLayer>> layers;  // one for each that was asked for
  bool complete = false;                          // every layer was found and every byte is somebody's
};

// `layers` are those of the source subgraph in execution order, `packages` the file's in its order.
Attribution find_layers(const graph::Subgraph& source, const std::vector<StoredLayer>& layers,
                        std::span<const format::edgetpu::Package* const> packages);

}  // namespace edgescope::target::edgetpu
