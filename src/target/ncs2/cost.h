// The stage law: what an inference on the NCS2 costs, from the list of stages that the plugin compiles.
//
// A call pays a floor; beyond it every stage costs some 31 us, be it small, and the SHAVE stages that work element
// by element, and Gather, cost by what they make. Weights, multiply-accumulates and the blob's size show no
// influence in the measurements that the law was fitted on: 24 forests as tensor programs, batch 1, one stream,
// synchronous calls (R-e-d-a-X/EdgeTPU-and-NCS). The 16 whose stages are known exactly lie between 0.80 and 1.31 of
// it, beyond the floor; the interval is a little wider. Convolutions were not among them: where they dominate, the
// law is a lower bound and says so.
#pragma once

#include <span>

#include "target/ncs2/stages.h"
#include "target/prediction.h"

namespace edgescope::target::ncs2 {

inline constexpr Interval kStageUs{29, 34};  // of each stage, whatever it does

Prediction predict(std::span<const Stage> stages);

}  // namespace edgescope::target::ncs2
