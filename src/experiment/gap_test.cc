#include "experiment/gap.h"

#include <gtest/gtest.h>

#include <random>

#include "experiment/spread.h"

namespace edgescope::experiment {
namespace {

// A floor, and waiting on top of it that neighbours share.
Series waiting(double floor, double mean_wait, double dependence, std::uint64_t seed, std::size_t processes = 1) {
  std::mt19937_64 random(seed);
  std::exponential_distribution<double> fresh(1);
  Series series;
  for (std::size_t p = 0; p < processes; ++p) {
    auto& samples = series.processes.emplace_back();
    double wait = 1;
    for (int i = 0; i < 400; ++i) {
      if (static_cast<double>(random() % 1000) >= dependence * 1000) wait = fresh(random);
      // Many calls wait for nothing.
      samples.push_back(floor + fresh(random) + mean_wait * std::max(0.0, wait - 0.5));
    }
  }
  return series;
}

TEST(Gap, ACostIsPaidByTheFastestCallsToo) {
  const Gap found = gap(waiting(350, 30, 0, 1), waiting(300, 30, 0, 2));
  EXPECT_EQ(found.verdict(), Gap::Verdict::Cost);
  EXPECT_NEAR(found.floor.value, 50, 3);
  EXPECT_LT(found.floor.interval.low, 50.5);
  EXPECT_GT(found.floor.interval.high, 49.5);
}

TEST(Gap, WaitingIsNoCost) {
  const Gap found = gap(waiting(300, 200, 0.3, 1), waiting(300, 100, 0.3, 2));
  EXPECT_EQ(found.verdict(), Gap::Verdict::Waiting);
  EXPECT_GT(found.mean.interval.low, 0);
}

TEST(Gap, EqualOnesDiffer5PercentOfTheTime) {
  int wrong = 0;
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    const Gap found = gap(waiting(300, 100, 0.4, 2 * seed), waiting(300, 100, 0.4, 2 * seed + 1));
    wrong += found.mean.interval.low > 0 || found.mean.interval.high < 0;
  }
  EXPECT_LE(wrong, 9) << "of 60, where 3 are expected and a bootstrap of dependent samples is somewhat too narrow";
}

TEST(Spread, NamesTheKind) {
  EXPECT_EQ(spread(waiting(300, 150, 0.4, 1)).cause, Spread::Cause::Waiting);
  EXPECT_EQ(spread(waiting(300, 3, 0, 1)).cause, Spread::Cause::Little);
  Series interrupted = waiting(300, 3, 0, 1);
  for (std::size_t i = 7; i < 400; i += 150) interrupted.processes[0][i] = 4000;
  EXPECT_GT(spread(interrupted).cv, 0.9);
  EXPECT_LT(spread(interrupted).cv99, 0.1);
  EXPECT_EQ(spread(interrupted).cause, Spread::Cause::Interruptions);
  Series processes;
  for (double level : {100.0, 150.0, 220.0}) processes.processes.push_back(waiting(level, 2, 0, 1).processes[0]);
  const Spread between = spread(processes);
  EXPECT_EQ(between.cause, Spread::Cause::Processes);
  EXPECT_NEAR(between.between, 0.384, 0.01);
  Series symmetric;
  std::mt19937_64 random(5);
  std::normal_distribution<double> normal(100, 25);
  auto& samples = symmetric.processes.emplace_back();
  for (int i = 0; i < 500; ++i) samples.push_back(std::max(normal(random), 1.0));
  EXPECT_EQ(spread(symmetric).cause, Spread::Cause::Noise);
}

TEST(Resampled, SeesWhatDiffersBetweenProcesses) {
  Series same = waiting(100, 1, 0, 1, 6), apart = same;
  for (std::size_t p = 0; p < 6; ++p)
    for (double& sample : apart.processes[p]) sample += 10 * static_cast<double>(p);
  const auto width = [](const Series& series) {
    const auto interval = measure::percentile_interval(resampled(series, quantile_of(0.5)));
    return interval.high - interval.low;
  };
  EXPECT_LT(width(same), 1);
  EXPECT_GT(width(apart), 10);
}

TEST(Describe, ReadsLikeWords) {
  EXPECT_EQ(describe({{"batch", 8}, {"family", "dense"}, {"on", "litert"}}), "litert, dense, batch 8");
  EXPECT_EQ(describe({{"batch", 8}, {"on", "litert"}}, {"batch"}), "litert");
  EXPECT_EQ(shared_members({{{"batch", 8}, {"on", "a"}, {"x", 1}}, {{"batch", 8}, {"on", "b"}}}),
            std::vector<std::string>{"batch"});
}

}  // namespace
}  // namespace edgescope::experiment
