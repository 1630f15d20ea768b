// LightGBM's model text (Booster.save_model): a header of key=value lines, then a block of such lines for each tree.
//
// Its rules, from its own predictor: a test is x <= threshold in float64; NaN is 0 where a node knows no missing
// values, takes the default side where NaN or zero is missing, and is no member of any set of categories. Its
// predictor hands on what lies within 1e-35 of zero as zero; thresholds there are moved so that they say the same.
#pragma once

#include "base/mapped_file.h"
#include "format/forest/ensemble.h"

namespace edgescope::forest {

base::Result<Ensemble> read_lightgbm(const base::MappedFile& file);

}  // namespace edgescope::forest
