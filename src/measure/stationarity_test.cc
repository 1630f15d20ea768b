#include "measure/stationarity.h"

#include <gtest/gtest.h>

#include "measure/test_series.h"

namespace edgescope::measure {
namespace {

using testing_support::autoregressive;
using testing_support::Uniform;

TEST(WarmUp, EndsSoonWhereNothingChanges) {
  WarmUp warm_up(10);
  warm_up.add(std::vector<double>(29, 100));
  EXPECT_FALSE(warm_up.stationary()) << "three windows are the least";
  warm_up.add(std::vector<double>(1, 100));
  EXPECT_TRUE(warm_up.stationary());
  EXPECT_EQ(warm_up.samples(), 30u);
}

TEST(WarmUp, WaitsForAFallingSeries) {
  WarmUp warm_up(10);
  double value = 200;
  while (!warm_up.stationary() && warm_up.samples() < 1000) {
    warm_up.add(std::vector<double>{100 + (value - 100)});
    value = 100 + (value - 100) * 0.97;
  }
  EXPECT_TRUE(warm_up.stationary());
  EXPECT_GT(warm_up.samples(), 90u);
  EXPECT_LT(value, 106);
}

TEST(WarmUp, NoiseDoesNotKeepItGoing) {
  WarmUp warm_up(20);
  Uniform uniform(1);
  while (!warm_up.stationary() && warm_up.samples() < 10000)
    warm_up.add(std::vector<double>{100 + 20 * uniform.normal()});
  EXPECT_LE(warm_up.samples(), 200u);
}

TEST(WarmUp, NeverWhereItKeepsRising) {
  WarmUp warm_up(10);
  double value = 100;
  for (int i = 0; i < 300; ++i) warm_up.add(std::vector<double>{value *= 1.01});
  EXPECT_FALSE(warm_up.stationary());
}

std::vector<std::vector<double>> processes(double rise) {
  std::vector<std::vector<double>> result;
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    std::vector<double> series = autoregressive(200, 0.3, seed);
    for (std::size_t i = 100; i < 200; ++i) series[i] *= 1 + rise;
    result.push_back(series);
  }
  return result;
}

TEST(Drift, IsSeenBetweenHalves) {
  const auto found = drift(processes(0.03));
  ASSERT_TRUE(found);
  EXPECT_NEAR(found->change, 0.03, 0.01);
  EXPECT_GT(found->interval.low, 0);
  EXPECT_NEAR(drift(processes(-0.05))->change, -0.05, 0.01);
}

TEST(Drift, IsNotSeenWhereThereIsNone) {
  EXPECT_FALSE(drift(processes(0)));
  EXPECT_FALSE(drift({{1, 2, 3}, {1, 2, 3}})) << "too short to have halves";
  EXPECT_FALSE(drift({}));
}

}  // namespace
}  // namespace edgescope::measure
