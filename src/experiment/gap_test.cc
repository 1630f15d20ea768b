#include "experiment/gap.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
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

// Processes that differ by 2 %, samples within them by 1 %: how often the interval holds the truth.
double coverage(std::size_t processes, const Statistic& statistic) {
  std::mt19937_64 random(processes);
  std::normal_distribution<double> normal;
  int hits = 0;
  constexpr int kRuns = 300;
  for (int run = 0; run < kRuns; ++run) {
    Series series;
    for (std::size_t p = 0; p < processes; ++p) {
      const double level = 100 + 2 * normal(random);
      auto& samples = series.processes.emplace_back();
      for (int i = 0; i < 20; ++i) samples.push_back(level + normal(random));
    }
    const auto interval = measure::percentile_interval(
        resampled(series, statistic, {.seed = static_cast<std::uint64_t>(run), .resamples = 199}));
    hits += interval.low <= 100 && 100 <= interval.high;
  }
  return static_cast<double>(hits) / kRuns;
}

TEST(Resampled, FewProcessesHoldWhatTheirIntervalsSay) {
  for (const std::size_t processes : {2U, 3U, 5U, 8U}) {
    EXPECT_GE(coverage(processes, mean_of()), 0.915) << processes;
    EXPECT_GE(coverage(processes, quantile_of(0.5)), 0.915) << processes;
  }
}

// Counting how often each sample is drawn must say what looking at the resamples themselves says.
TEST(Resampled, EqualsTheStatisticsOfTheResamples) {
  const Series series = waiting(300, 100, 0.4, 3);
  const std::vector<Statistic> statistics = {mean_of(), quantile_of(0.05), quantile_of(0.5), quantile_of(0),
                                             quantile_of(1)};
  const measure::BootstrapOptions options{.seed = 5, .resamples = 50};
  const auto found = resampled(series, statistics, options);
  std::mt19937_64 random(options.seed);
  measure::BootstrapOptions own = options;
  own.seed = random();
  measure::Resampler resampler(series.processes[0], own);
  for (std::size_t i = 0; i < 50; ++i) {
    const std::vector<double> drawn = resampler.next();
    for (std::size_t k = 0; k < statistics.size(); ++k)
      EXPECT_NEAR(found[k][i], statistics[k](drawn), 1e-9) << k << " " << i;
  }
}

// By hand: of 1 to 101, the 1st, 5th, 10th, 50th and 95th percentiles are 2, 6, 11, 51 and 96.
TEST(Spread, FloorAndTailByTheirFormulas) {
  Series series;
  auto& samples = series.processes.emplace_back();
  for (int i = 0; i < 101; ++i) samples.push_back(1 + (i * 37) % 101);
  const Spread found = spread(series);
  EXPECT_DOUBLE_EQ(found.floor_us, 6);
  EXPECT_DOUBLE_EQ(found.floor_spread, (11.0 - 2) / 6);
  EXPECT_DOUBLE_EQ(found.tail, (96.0 - 51) / (51 - 6));
  EXPECT_NEAR(found.cv, std::sqrt(101 * 102 / 12.0) / 51, 1e-12) << "the sample variance of 1..n is n (n + 1) / 12";
}

TEST(Describe, ReadsLikeWords) {
  EXPECT_EQ(describe({{"batch", 8}, {"family", "dense"}, {"on", "litert"}}), "litert, dense, batch 8");
  EXPECT_EQ(describe({{"batch", 8}, {"on", "litert"}}, {"batch"}), "litert");
  EXPECT_EQ(shared_members({{{"batch", 8}, {"on", "a"}, {"x", 1}}, {{"batch", 8}, {"on", "b"}}}),
            std::vector<std::string>{"batch"});
}

}  // namespace
}  // namespace edgescope::experiment
