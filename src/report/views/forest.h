// How a tree ensemble reads: the member `forest` of a document of `inspect`.
#pragma once

#include "report/view.h"

namespace edgescope::report {

// Of a file that holds nothing else.
Blocks forest_view(const base::Json& document);

// The part, for documents that hold a graph, too. `main`: its table of trees is what csv and jsonl write.
void add_forest(Blocks& blocks, const base::Json& forest, bool main);

}  // namespace edgescope::report
