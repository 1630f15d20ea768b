// A mean over the channels as the Edge TPU takes it, whatever their number.
#pragma once

#include <optional>

#include "rewrite/patch.h"

namespace edgescope::rewrite {

// Of `x`, int8 of up to four dimensions, over the last: a 1x1 convolution whose weights are all the same. The result,
// of four dimensions, is in the steps of `like`; nothing where `x` is not of that kind.
std::optional<int> mean_over_channels(Patch& patch, int x, int like);

}  // namespace edgescope::rewrite
