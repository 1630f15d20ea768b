// Treelite's checkpoint, version 4 (Model.serialize): little-endian scalars and arrays with their lengths, one
// after the other, as docs/serialization/v4 of Treelite lays them out. It keeps float64 thresholds and leaves, so
// of the formats that scikit-learn's forests can be written in it is the one that loses nothing.
#pragma once

#include <cstddef>
#include <span>

#include "base/mapped_file.h"
#include "format/forest/ensemble.h"

namespace edgescope::forest {

// The format has no mark: the version, two types and counts that agree with each other must do. Checkpoints of
// version 3 are recognised, so that the error can name them.
bool is_treelite(std::span<const std::byte> bytes);

base::Result<Ensemble> read_treelite(const base::MappedFile& file);

}  // namespace edgescope::forest
