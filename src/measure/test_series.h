// Series for this module's tests, the same on every machine and easy to make again in Python: Knuth's
// MMIX generator and sums of twelve uniform numbers for normal ones.
#pragma once

#include <cmath>
#include <cstdint>
#include <vector>

namespace edgescope::measure::testing_support {

class Uniform {
 public:
  explicit Uniform(std::uint64_t seed) : state_(seed) {}
  double operator()() {
    state_ = state_ * 6364136223846793005u + 1442695040888963407u;
    return static_cast<double>(state_ >> 11) / 9007199254740992.0;
  }
  double normal() {
    double sum = -6;
    for (int i = 0; i < 12; ++i) sum += (*this)();
    return sum;
  }

 private:
  std::uint64_t state_;
};

// 100 + y with y[i] = phi * y[i - 1] + a normal number.
inline std::vector<double> autoregressive(std::size_t n, double phi, std::uint64_t seed) {
  Uniform uniform(seed);
  std::vector<double> result;
  double y = 0;
  for (std::size_t i = 0; i < n; ++i) result.push_back(100 + (y = phi * y + uniform.normal()));
  return result;
}

}  // namespace edgescope::measure::testing_support
