// 16-bit floats, which accelerators compute in and C++20 has no type for.
#pragma once

#include <cstdint>

namespace edgescope::base {

// Rounded to nearest, ties to even; too large becomes infinite.
std::uint16_t to_half(float value);
float from_half(std::uint16_t bits);

// The largest half that is not larger than `value` (NaN stays NaN), and the next one above: -0 and 0 are one number.
float half_below(double value);
float half_after(float half);

}  // namespace edgescope::base
