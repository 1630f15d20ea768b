#include "experiment/tune.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "measure/fake_subject.h"

namespace edgescope::experiment {
namespace {

using measure::testing_support::fake;
using measure::testing_support::FakeLaw;
using measure::testing_support::FakeMachine;
using testing::Contains;
using testing::HasSubstr;

Knob knob(const std::string& name, const std::vector<std::string>& values) {
  Knob result{.name = name};
  for (const std::string& value : values) result.candidates.push_back({{name, value}});
  return result;
}

// A runtime whose time is a known function of its settings; the clock is the fake one.
struct Bench {
  std::function<double(const Settings&)> us;
  FakeLaw law = {};
  std::function<bool(const Settings&)> refuses = [](const Settings&) { return false; };
  FakeMachine machine = {};
  std::vector<std::vector<std::string>> rounds = {};

  MeasureArms measure() {
    return [this](const std::vector<Arm>& arms, const measure::Plan& plan) {
      std::vector<measure::Contender> contenders;
      rounds.emplace_back();
      for (const Arm& arm : arms) {
        rounds.back().push_back(arm.name);
        FakeLaw law_of_arm = law;
        law_of_arm.us = us(arm.settings);
        contenders.push_back(fake(machine, arm.name, law_of_arm));
        if (refuses(arm.settings))
          contenders.back().start = []() -> base::Result<std::unique_ptr<measure::Subject>> {
            return base::fail({.fault = base::Fault::runtime, .what = "it does not take that"});
          };
      }
      return measure::sample(contenders, plan, machine.hooks());
    };
  }
};

double has(const Settings& settings, const std::string& name, const std::string& value, double factor) {
  const auto it = settings.find(name);
  return it != settings.end() && it->second == value ? factor : 1;
}

Space some_space() {
  return {.knobs = {knob("A", {"1", "2", "3", "4"}), knob("B", {"YES", "NO"}), knob("C", {"x", "y", "z"})},
          .hints = {{"-hint latency", {{"H", "L"}}}, {"-hint throughput", {{"H", "T"}}}}};
}

TEST(Tune, FindsTheBestCombinationUnderNoise) {
  int found = 0;
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    Bench bench{.us =
                    [](const Settings& s) {
                      return 1000 * has(s, "A", "3", 0.8) * has(s, "C", "y", 0.9) * has(s, "A", "1", 1.4) *
                             has(s, "B", "NO", 1.05);
                    },
                .law = {.between = 0.02}};
    bench.machine.started = static_cast<int>(seed * 1000);  // other noise
    const auto tuned = tune(some_space(), {.seconds = 120, .seed = seed}, bench.measure());
    ASSERT_TRUE(tuned);
    const Finalist& winner = tuned->finalists[tuned->winner];
    found += winner.arm.settings.contains("A") && winner.arm.settings.at("A") == "3" &&
             winner.arm.settings.contains("C") && winner.arm.settings.at("C") == "y";
    EXPECT_EQ(winner.against_default.verdict, measure::Verdict::Faster);
    EXPECT_NEAR(winner.against_default.ratio, 0.72, 0.09);
  }
  EXPECT_GE(found, 9);
}

TEST(Tune, ReportsNoGainWhereThereIsNone) {
  int claimed = 0;
  constexpr int kRuns = 60;
  for (std::uint64_t seed = 1; seed <= kRuns; ++seed) {
    Bench bench{.us = [](const Settings&) { return 1000.0; }, .law = {.between = 0.03}};
    bench.machine.started = static_cast<int>(seed * 1000);
    const auto tuned = tune(some_space(), {.seconds = 60, .seed = seed}, bench.measure());
    ASSERT_TRUE(tuned);
    claimed += tuned->winner != 0;
  }
  // 5 % are promised; 7 of 60 or more would happen once in 60 times at that rate.
  EXPECT_LE(claimed, 7);
}

TEST(Tune, TheDefaultAndTheHintsAreInEveryRound) {
  Bench bench{.us = [](const Settings& s) { return 1000 * has(s, "H", "T", 3) * has(s, "A", "2", 0.9); }};
  const auto tuned = tune(some_space(), {.seconds = 60}, bench.measure());
  ASSERT_TRUE(tuned);
  EXPECT_GE(bench.rounds.size(), 4u);
  for (const auto& round : bench.rounds)
    for (const char* name : {"default", "-hint latency", "-hint throughput"}) EXPECT_THAT(round, Contains(name));
  EXPECT_GT(bench.rounds[0].size(), bench.rounds[1].size()) << "half of the candidates are left behind";
  ASSERT_GE(tuned->finalists.size(), 4u);
  EXPECT_EQ(tuned->finalists[0].arm.name, "default");
  EXPECT_EQ(tuned->finalists[2].against_default.verdict, measure::Verdict::Slower);
}

TEST(Tune, AHintThatIsBestWins) {
  Bench bench{.us = [](const Settings& s) { return 1000 * has(s, "H", "T", 0.5) * has(s, "A", "2", 0.95); }};
  const auto tuned = tune(some_space(), {.seconds = 60}, bench.measure());
  ASSERT_TRUE(tuned);
  EXPECT_THAT(tuned->finalists[tuned->winner].arm.settings, Contains(testing::Pair("H", "T")));
  EXPECT_LT(tuned->finalists[tuned->winner].against_default.interval.high, 0.6);
}

TEST(Tune, WhatIsRefusedIsNamedAndLeftBehind) {
  Bench bench{.us = [](const Settings& s) { return 1000 * has(s, "A", "4", 0.1); },
              .refuses = [](const Settings& s) { return s.contains("A") && s.at("A") == "4"; }};
  const auto tuned = tune(some_space(), {.seconds = 60}, bench.measure());
  ASSERT_TRUE(tuned);
  int refused = 0;
  for (const Trial& trial : tuned->trials)
    if (!trial.refused.empty()) {
      ++refused;
      EXPECT_EQ(trial.arm.name, "A=4");
      EXPECT_THAT(trial.refused, HasSubstr("does not take that"));
    }
  EXPECT_EQ(refused, 1);
  for (const Finalist& one : tuned->finalists) EXPECT_NE(one.arm.name, "A=4");
}

TEST(Tune, ADefaultThatDoesNotRunIsAnError) {
  Bench bench{.us = [](const Settings&) { return 1000.0; }, .refuses = [](const Settings& s) { return s.empty(); }};
  EXPECT_FALSE(tune(some_space(), {.seconds = 10}, bench.measure()));
}

TEST(Tune, WhatTheTimeIsTooShortForIsNamed) {
  Space wide;
  for (int i = 0; i < 50; ++i) wide.knobs.push_back(knob(fmt::format("K{}", i), {"1"}));
  Bench bench{.us = [](const Settings&) { return 1000.0; }};
  const auto tuned = tune(wide, {.seconds = 10}, bench.measure());
  ASSERT_TRUE(tuned);
  EXPECT_GT(tuned->untried.size(), 30u);
  EXPECT_EQ(tuned->untried.back(), "K49=1");
  EXPECT_LT(bench.rounds[0].size(), 15u);
  EXPECT_LT(bench.machine.now, 40);
}

TEST(Tune, WithoutAnythingToTryTheDefaultWins) {
  Bench bench{.us = [](const Settings&) { return 1000.0; }};
  const auto tuned = tune({}, {.seconds = 5}, bench.measure());
  ASSERT_TRUE(tuned);
  EXPECT_EQ(tuned->winner, 0u);
  EXPECT_EQ(tuned->finalists.size(), 1u);
}

}  // namespace
}  // namespace edgescope::experiment
