// How far apart two outputs may be and still count as the same.
#pragma once

#include "analysis/difference.h"

namespace edgescope::analysis {

// Within are values that differ by at most so many quantisation steps, or so large a share of the output's largest
// value. Both 0: the same bits, NaN for NaN.
struct Tolerance {
  double steps = 0, share = 0;

  bool exact() const { return steps == 0 && share == 0; }
};

// One runtime is held to its own answer, of another correct kernels may round differently.
inline constexpr Tolerance kSameRuntime{}, kOtherRuntime{.steps = 1, .share = 1e-4};

inline bool within(const Difference& difference, const Tolerance& tolerance) {
  if (tolerance.exact() || difference.different == 0) return difference.different == 0;
  constexpr double kRounding = 1e-6;  // of steps that were told as reals
  return difference.not_finite == 0 && ((difference.steps && difference.steps->max <= tolerance.steps + kRounding) ||
                                        difference.absolute.max <= tolerance.share * difference.largest());
}

}  // namespace edgescope::analysis
