// XGBoost's models in JSON and UBJSON (Booster.save_model), versions 1.3 to 3.x.
//
// Its rules, from its own predictor: everything is float32; a test is x < threshold; the sum starts from the base
// score, which the file states after the objective's transform, and follows the order of the trees; the members of a
// set of categories go to the right.
#pragma once

#include "base/mapped_file.h"
#include "format/forest/ensemble.h"

namespace edgescope::forest {

base::Result<Ensemble> read_xgboost(const base::MappedFile& file);

}  // namespace edgescope::forest
