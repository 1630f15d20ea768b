// What a device would answer, computed from the pieces alone: tests of encoder, pieces and decoder without a
// program between them.
#pragma once

#include <vector>

#include "forest/pieces.h"

namespace edgescope::forest::test {

// [pieces] for each row of cells, as the int8 program answers.
inline std::vector<std::int8_t> answers(const Pieces& pieces, const std::vector<std::int8_t>& cells, int columns) {
  std::vector<std::int8_t> result;
  for (std::size_t row = 0; columns > 0 && row < cells.size() / static_cast<std::size_t>(columns); ++row)
    for (int piece = 0; piece < pieces.count(); ++piece) {
      int at = 0;
      while (at < pieces.nodes()) {
        const PieceTest test = pieces.test(piece, at);
        const auto cell = row * static_cast<std::size_t>(columns) + static_cast<std::size_t>(std::max(test.column, 0));
        int rank = cells[cell] + 128;
        if (test.wide) rank = Encoder::kBase * rank + cells[cell + 1] + 128;
        const bool above = test.column >= 0 && rank > test.rank;
        at = 2 * at + (above ? 2 : 1);
      }
      const int spacing = 256 >> pieces.height;
      result.push_back(static_cast<std::int8_t>((at - pieces.nodes()) * spacing + spacing / 2 - 128));
    }
  return result;
}

}  // namespace edgescope::forest::test
