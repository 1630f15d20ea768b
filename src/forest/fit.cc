#include "forest/fit.h"

#include <algorithm>

namespace edgescope::forest {
namespace {

using target::edgetpu::kTiles;

// Pieces of each tree, in order.
std::vector<int> pieces_of_trees(const ExactProgram& program) {
  const int total = static_cast<int>(program.decoder.exits.size() >> program.decoder.height);
  std::vector<int> counts;
  int end = total;
  for (auto tree = program.decoder.trees.rbegin(); tree != program.decoder.trees.rend(); ++tree) {
    const int begin = tree->root < 0 ? ~tree->root : end;
    counts.push_back(end - begin);
    end = begin;
  }
  std::reverse(counts.begin(), counts.end());
  return counts;
}

}  // namespace

Fit fit_on_chip(const ExactProgram& program, const target::edgetpu::MemoryPrediction& memory) {
  Fit fit;
  fit.rows_available = kTiles * memory.cap.central;
  fit.rows_available_low = kTiles * memory.cap.low;
  fit.rows_available_high = kTiles * memory.cap.high;
  int sides = 0, blocks = 0;  // of the layers that grow with the trees; the last two do not
  for (const target::edgetpu::StoredLayer& layer : memory.layers) fit.rows += layer.rows();
  for (std::size_t i = 0; i + 2 < memory.layers.size(); ++i) {
    sides += memory.layers[i].rows();
    blocks += memory.layers[i].blocks;
  }
  fit.fits = memory.streamed_bytes == 0;
  const int fixed = fit.rows - sides, rows_per_block = blocks > 0 ? sides / blocks : 1;
  const int pieces_per_block = 64 >> program.plan.height;

  // A block lies in one tile, so what is left of each is lost. Fewer trees need no more cells of a row, so a block
  // takes no more rows than now.
  const int most = kTiles * (memory.cap.central / rows_per_block) - (fixed + rows_per_block - 1) / rows_per_block;
  const auto hold = [&](int pieces) { return (pieces + pieces_per_block - 1) / pieces_per_block <= most; };
  int pieces = 0, on_first = 0;
  for (const int more : pieces_of_trees(program)) {
    if (!hold(more)) {
      fit.sticks = 0;
      break;
    }
    if (!hold(pieces + more)) {
      ++fit.sticks;
      pieces = 0;
    }
    pieces += more;
    if (fit.sticks == 1) ++on_first;
  }
  fit.trees = on_first;
  return fit;
}

}  // namespace edgescope::forest
