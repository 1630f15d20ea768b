// How a blob for the NCS2 reads, and the picture that its compiler draws.
#pragma once

#include "report/view.h"

namespace edgescope::report {

// Appends what a document's `myriad` member says.
void add_myriad(Blocks& blocks, const base::Json& myriad);

// Appends what `check` says of a network, without its operators.
void add_check_ncs2(Blocks& blocks, const base::Json& check);

// The document of `check --target ncs2`, by the rules or by the vendor's compiler.
Blocks check_ncs2_view(const base::Json& document);

// The document of `compile --target ncs2`: which compiler, what it said, and what `inspect` shows of its blob.
Blocks compile_ncs2_view(const base::Json& document);

// The document of `inspect` for a blob: its `myriad`.
Blocks myriad_view(const base::Json& document);

// The document of `inspect` for the picture: its `myriad_memory`.
Blocks myriad_memory_view(const base::Json& document);

}  // namespace edgescope::report
