#include "experiment/scaling.h"

#include <gtest/gtest.h>

#include <random>

namespace edgescope::experiment {
namespace {

TEST(FitLine, GoesThroughPointsOnALine) {
  const Line line = fit_line({1, 300, 1000}, {316.03, 624, 1345});
  EXPECT_NEAR(line.fixed, 315, 0.1);
  EXPECT_NEAR(line.each, 1.03, 0.001);
}

// Weights 1 / y^2: solved by hand for (1, 1), (2, 2), (3, 6): w = 1, 1/4, 1/36.
TEST(FitLine, WeighsByTheRelativeError) {
  const Line line = fit_line({1, 2, 3}, {1, 2, 6});
  const double w = 1 + 0.25 + 1 / 36.0, wn = 1 + 0.5 + 3 / 36.0, wy = 1 + 0.5 + 6 / 36.0, wnn = 1 + 1 + 9 / 36.0,
               wny = 1 + 1 + 18 / 36.0;
  const double each = (w * wny - wn * wy) / (w * wnn - wn * wn);
  EXPECT_NEAR(line.each, each, 1e-12);
  EXPECT_NEAR(line.fixed, (wy - each * wn) / w, 1e-12);
}

Series noisy(double n, double fixed, double each, std::uint64_t seed, std::size_t processes) {
  std::mt19937_64 random(seed);
  std::exponential_distribution<double> slow(1.0 / 20);
  Series series{.spec = {{"batch", n}}};
  for (std::size_t p = 0; p < processes; ++p) {
    auto& samples = series.processes.emplace_back();
    for (int i = 0; i < 200; ++i) samples.push_back(fixed + each * n + slow(random));
  }
  return series;
}

TEST(Fit, ItsIntervalsHoldWhatTheSeriesWereMadeOf) {
  std::vector<Series> series;
  for (double n : {1.0, 100.0, 300.0, 1000.0}) series.push_back(noisy(n, 300, 1.5, static_cast<std::uint64_t>(n), 3));
  const auto fitted = fit(series, "batch");
  ASSERT_TRUE(fitted);
  // The floor of the noise is 20 us * -ln(0.95), about one.
  EXPECT_LT(fitted->fixed_us.interval.low, 301.1);
  EXPECT_GT(fitted->fixed_us.interval.high, 300.9);
  EXPECT_LT(fitted->each_us.interval.low, 1.5);
  EXPECT_GT(fitted->each_us.interval.high, 1.5);
  EXPECT_LT(fitted->fixed_us.interval.high - fitted->fixed_us.interval.low, 5);
  EXPECT_LT(fitted->worst_residual, 0.01);
  EXPECT_NEAR(fitted->factor, 1820 / 321.5, 0.1);
}

// The weighted line of numpy.polyfit(n, us, 1, w=1 / us), by what defines it.
TEST(FitLine, EqualsTheNormalEquationsSolvedAnotherWay) {
  const std::vector<double> n = {1, 2, 4, 8, 16}, us = {11, 12.5, 13, 19, 26};
  const Line line = fit_line(n, us);
  // At the minimum the weighted residuals are orthogonal to 1 and to n.
  double sum = 0, moment = 0;
  for (std::size_t i = 0; i < n.size(); ++i) {
    const double weighted = (line.fixed + line.each * n[i] - us[i]) / (us[i] * us[i]);
    sum += weighted;
    moment += weighted * n[i];
  }
  EXPECT_NEAR(sum, 0, 1e-12);
  EXPECT_NEAR(moment, 0, 1e-12);
}

// Five processes a place, whose levels differ by 1 %: both terms lie in their intervals as often as these say.
TEST(Fit, CoverageIsNominal) {
  std::mt19937_64 random(31);
  std::normal_distribution<double> normal;
  int fixed = 0, each = 0;
  constexpr int kRuns = 200;
  for (int run = 0; run < kRuns; ++run) {
    std::vector<Series> series;
    for (double n : {1.0, 10.0, 100.0}) {
      Series& one = series.emplace_back(Series{.spec = {{"batch", n}}});
      for (int p = 0; p < 5; ++p) {
        const double level = (100 + 2 * n) * (1 + 0.01 * normal(random));
        auto& samples = one.processes.emplace_back();
        for (int i = 0; i < 12; ++i) samples.push_back(level);
      }
    }
    const auto fitted = fit(series, "batch");
    fixed += fitted->fixed_us.interval.low <= 100 && 100 <= fitted->fixed_us.interval.high;
    each += fitted->each_us.interval.low <= 2 && 2 <= fitted->each_us.interval.high;
  }
  EXPECT_GE(fixed, kRuns * 0.92);
  EXPECT_GE(each, kRuns * 0.92);
}

TEST(Fit, SaysWhereALineIsNoLine) {
  std::vector<Series> series;
  for (double n : {1.0, 10.0, 30.0, 100.0})
    series.push_back({.spec = {{"batch", n}}, .processes = {{n * n, n * n, n * n}}});
  EXPECT_GT(fit(series, "batch")->worst_residual, 0.3);
}

TEST(Fit, NeedsTwoPlaces) {
  EXPECT_FALSE(fit({noisy(1, 1, 1, 1, 1)}, "batch"));
  EXPECT_FALSE(fit({noisy(1, 1, 1, 1, 1), noisy(2, 1, 1, 1, 1)}, "width"));
  EXPECT_FALSE(fit({noisy(1, 1, 1, 1, 1), Series{.spec = {{"batch", 2}}}}, "batch"));
}

}  // namespace
}  // namespace edgescope::experiment
