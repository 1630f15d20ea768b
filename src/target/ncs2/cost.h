// The stage law: what an inference on the NCS2 costs, from the list of stages that the plugin compiles.
//
// A call pays a floor; beyond it every stage costs some 31 us, be it small, and the SHAVE stages that work element
// by element, and Gather, cost by what they make. That was fitted on 24 forests as tensor programs, batch 1, one
// stream, synchronous calls (R-e-d-a-X/EdgeTPU-and-NCS), in which weights and multiply-accumulates show no
// influence. Those whose stages are known exactly lie between 0.80 and 1.31 of it, beyond the floor; the interval is a
// little wider.
//
// Large convolutions and fully connected layers are not among the forests. Their share follows from what one more
// multiply-accumulate, or one more byte of weights, costs in published series of networks of growing width
// (RCL-lab/QutibenchWeb): a wide interval, beside the forests' narrow one.
#pragma once

#include <cstdint>
#include <span>

#include "target/ncs2/stages.h"
#include "target/prediction.h"

namespace edgescope::target::ncs2 {

// Of a call: a program that only moves data, in 3 stages, takes 1.57 ms on the forests' host. A fifth around it for
// other hosts (identical programs on the same one differ by 12 %).
inline constexpr Interval kFloorUs{1260, 1880};
inline constexpr Interval kStageUs{29, 34};  // of each stage, whatever it does

// What convolutions and fully connected layers compute, by the engine that does it. The stages do not say it, the
// network does.
struct Work {
  std::uint64_t hardware_macs = 0;
  std::uint64_t weight_bytes = 0;  // that the accelerator reads, again for each row
  std::uint64_t shave_macs = 0;
  std::uint64_t batch = 1;  // of the blob: times that an inference goes through all stages
};

Prediction predict(std::span<const Stage> stages, const Work& work = {});

}  // namespace edgescope::target::ncs2
