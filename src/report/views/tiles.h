// The Edge TPU's 16 tiles as text: who lies where among the rows of cached parameters. The HTML report
// draws the same records as a picture (web/tiles.js).
#pragma once

#include <string>
#include <vector>

#include "report/view.h"

namespace edgescope::report {

// What lies in the tiles under one name; `blocks` are records {tiles, row, rows} as in a document of
// `inspect` or `check`. A decoded file names nothing: one group without a name.
struct TileGroup {
  std::string name;
  base::Json blocks = base::Json::array();
};

// One line a tile, one letter a named group (those with most rows first), `#` for the rest. `rows_for_parameters`
// marks where parameters end; 0 where that is not known.
Preformatted tile_map(const std::string& title, const std::vector<TileGroup>& groups, int rows_for_parameters = 0);

// The groups of a document's `memory.layers`: those that are cached.
std::vector<TileGroup> layer_groups(const base::Json& layers);

}  // namespace edgescope::report
