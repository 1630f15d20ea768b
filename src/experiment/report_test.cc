#include "experiment/report.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "experiment/sweep.h"
#include "support/scratch.h"

namespace edgescope::experiment {
namespace {

using base::Json;

// Process medians that spread by 2 %; `slower` points take a tenth longer.
Measure machine(double slower) {
  return [slower](const Json& spec, std::uint64_t seed) -> base::Result<Visit> {
    std::mt19937_64 random(seed);
    std::normal_distribution<double> normal;
    const double factor = spec["batch"] == 2 ? slower : 1;
    const double median = 100 * factor * std::exp(0.02 * normal(random));
    return Visit{.samples_us = {median, median, median}};
  };
}

std::vector<double> medians(Store& store, std::int64_t run, std::size_t point) {
  std::vector<double> result;
  const std::vector<Point> points = *store.points(run);
  const std::vector<Visit> visits = *store.visits(points[point].id);
  for (const Visit& visit : visits) result.push_back(visit.samples_us.front());
  return result;
}

class TwoRuns : public ::testing::Test {
 protected:
  void SetUp() override {
    auto opened = Store::open((scratch_ / "s.sqlite").string());
    ASSERT_TRUE(opened);
    store_ = std::make_unique<Store>(std::move(*opened));
  }
  std::int64_t run(std::uint64_t seed, double slower) {
    const Plan plan{.name = "p", .grids = {{.axes = {{"batch", {1, 2, 3, 4}}}}}, .rounds = 6, .seed = seed};
    const measure::Hooks hooks{.now = [] { return 0.0; }};
    const auto done = sweep(*store_, plan, Json::object(), "0.1", machine(slower), hooks);
    EXPECT_TRUE(done) << done.error().message();
    return done->run;
  }

  testing_support::Scratch scratch_;
  std::unique_ptr<Store> store_;
};

// Each of k comparisons is Welch's interval at 1 - 0.05 / k (Bonferroni).
TEST_F(TwoRuns, ComparisonsHoldTogether) {
  const std::int64_t before = run(1, 1), after = run(2, 1.1);
  const auto found = compare(*store_, before, after);
  ASSERT_TRUE(found) << found.error().message();
  ASSERT_EQ(found->changes.size(), 4U);
  for (std::size_t i = 0; i < 4; ++i) {
    const auto alone = measure::compare(medians(*store_, after, i), medians(*store_, before, i), 1 - 0.05 / 4);
    EXPECT_DOUBLE_EQ(found->changes[i].comparison.interval.low, alone.interval.low);
    EXPECT_DOUBLE_EQ(found->changes[i].comparison.interval.high, alone.interval.high);
  }
  EXPECT_EQ(found->changes[1].comparison.verdict, measure::Verdict::Slower);
  EXPECT_TRUE(found->regressed());
  EXPECT_FALSE(compare(*store_, after, before)->regressed()) << "faster is no regression";
}

// Of whole runs without any change 5 % may be called changed; without the correction it would be a third of them.
TEST(Bonferroni, WholeRunsWithoutAChangeAreRarelyCalledChanged) {
  std::mt19937_64 random(8);
  std::normal_distribution<double> normal;
  constexpr int kRuns = 2000, kPoints = 8;
  int corrected = 0, naive = 0;
  for (int k = 0; k < kRuns; ++k) {
    bool any = false, any_naive = false;
    for (int point = 0; point < kPoints; ++point) {
      std::vector<double> a, b;
      for (int i = 0; i < 5; ++i)
        a.push_back(std::exp(0.02 * normal(random))), b.push_back(std::exp(0.02 * normal(random)));
      any = any || measure::compare(a, b, 1 - 0.05 / kPoints).verdict != measure::Verdict::NoDifference;
      any_naive = any_naive || measure::compare(a, b, 0.95).verdict != measure::Verdict::NoDifference;
    }
    corrected += any;
    naive += any_naive;
  }
  EXPECT_LE(corrected, kRuns * 0.06);
  EXPECT_GE(naive, kRuns * 0.25);
}

}  // namespace
}  // namespace edgescope::experiment
