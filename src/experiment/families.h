// Models that a plan describes by a few numbers instead of a file: int8 TFLite, which every CPU runtime and the
// Edge TPU's compiler take; where the spec's `predict` is `ncs2`, the same in floats. Weights are drawn from a fixed
// seed.
#pragma once

#include <string>

#include "base/json.h"

namespace edgescope::experiment {

// The file that a point's spec means: its `model`, or one of a `family`, made in `folder` unless it is there.
//
//   dense   `depth` fully connected layers of `width` inputs and outputs; `batch`
//   conv    `depth` 3x3 convolutions of `width` channels on `size` x `size` pixels (32); `batch`
//   branch  `depth` (1) fully connected layers of `width`, LOGISTIC, and EQUAL to one value, as 0 or 1: one step of a
//   result more
//           or less is another decision; `batch`
//   ladder  the first `operators` of TRANSPOSE, FULLY_CONNECTED, TRANSPOSE, ... on a [`batch`, `width`] matrix;
//           `without` leaves the operator of that number out
//   forest  `trees` perfect trees of `depth` on `features` (8) and `classes` (4), as a tensor program of `strategy`
//           (gemm, tt, ptt, exact: what runs on the device, without the host's part); `batch`
base::Result<std::string> model_of(const base::Json& spec, const std::string& folder);

}  // namespace edgescope::experiment
