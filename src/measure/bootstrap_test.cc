#include "measure/bootstrap.h"

#include <gtest/gtest.h>

#include "measure/test_series.h"

namespace edgescope::measure {
namespace {

using testing_support::autoregressive;

// arch.bootstrap.optimal_block_length (arch 7, Python), column "circular". Its bandwidth counts one lag
// more than the paper's rule; with that lag it answers the same to 1e-6.
TEST(Bootstrap, BlockLengthIsThatOfArch) {
  EXPECT_NEAR(block_length(autoregressive(500, 0.5, 42)) / 9.304732729738488, 1, 0.08);
  EXPECT_NEAR(block_length(autoregressive(500, 0.9, 42)) / 19.94357967876448, 1, 0.08);
  EXPECT_NEAR(block_length(autoregressive(3000, 0.7, 7)) / 29.6555436103265, 1, 0.08);
  EXPECT_EQ(block_length(autoregressive(500, 0, 42)), 1) << "0.86 there; a block has at least one sample";
}

TEST(Bootstrap, IntervalHoldsTheMedianAndRepeats) {
  const std::vector<double> series = autoregressive(400, 0.5, 5);
  const Interval interval = bootstrap_median(series, {.seed = 9});
  EXPECT_LT(interval.low, median(series));
  EXPECT_GT(interval.high, median(series));
  const Interval again = bootstrap_median(series, {.seed = 9});
  EXPECT_EQ(interval.low, again.low);
  EXPECT_EQ(interval.high, again.high);
}

TEST(Bootstrap, EdgesOfSize) {
  EXPECT_EQ(bootstrap_median({}).high, 0);
  const std::vector<double> one = {7};
  EXPECT_EQ(bootstrap_median(one).low, 7);
  EXPECT_EQ(bootstrap_median(one).high, 7);
}

double coverage(double phi, double block) {
  int hits = 0;
  constexpr int kRuns = 150;
  for (int run = 0; run < kRuns; ++run) {
    const std::vector<double> series = autoregressive(200, phi, 1000 + static_cast<std::uint64_t>(run) * 7919);
    const Interval interval = bootstrap_median(series, {.seed = 1, .resamples = 199, .block = block});
    hits += interval.low <= 100 && 100 <= interval.high;
  }
  return static_cast<double>(hits) / kRuns;
}

// The true median is 100. Blocks repair most of what an independent bootstrap gets wrong; at 200
// dependent samples a percentile interval stays a few points below 95.
TEST(Bootstrap, BlocksKeepTheCoverageOfDependentSeries) {
  EXPECT_GE(coverage(0, 0), 0.90);
  const double blocks = coverage(0.7, 0), independent = coverage(0.7, 1);
  EXPECT_GE(blocks, 0.84);
  EXPECT_LE(independent, 0.72);
}

}  // namespace
}  // namespace edgescope::measure
