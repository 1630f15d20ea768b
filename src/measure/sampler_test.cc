#include "measure/sampler.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "measure/fake_subject.h"

namespace edgescope::measure {
namespace {

using testing::Each;
using testing::HasSubstr;
using testing::IsEmpty;
using testing_support::fake;
using testing_support::FakeLaw;
using testing_support::FakeMachine;

std::vector<Measurement> run(FakeMachine& machine, const std::vector<Contender>& contenders, const Plan& plan = {}) {
  auto result = sample(contenders, plan, machine.hooks());
  EXPECT_TRUE(result);
  return std::move(*result);
}

TEST(Sampler, FindsTheTrueMedianWithFiveProcesses) {
  FakeMachine machine;
  const Measurement m = run(machine, {fake(machine, "a", {.us = 2000})})[0];
  EXPECT_TRUE(m.valid) << m.reason;
  EXPECT_EQ(m.processes.size(), 5u);
  EXPECT_NEAR(m.median_us(), 2000, 10);
  EXPECT_LT(m.interval()->low, 2000);
  EXPECT_GT(m.interval()->high, 2000);
  EXPECT_THAT(m.warnings, IsEmpty());
  EXPECT_EQ(m.loaded->kernels, "fake");
}

TEST(Sampler, LoadFirstAndSteadyStateApart) {
  FakeMachine machine;
  const Measurement m = run(machine, {fake(machine, "a", {.warm_up = 4, .load_seconds = 0.25})})[0];
  for (const ProcessRun& process : m.processes) {
    EXPECT_DOUBLE_EQ(process.load_us, 250000);
    EXPECT_NEAR(process.first_us, 5000, 300);
    EXPECT_GE(process.warm_up, 50u) << "the cold inferences are not among the samples";
    EXPECT_LT(*std::max_element(process.samples_us.begin(), process.samples_us.end()), 1100);
    EXPECT_TRUE(process.stationary);
  }
}

TEST(Sampler, MoreProcessesWhileTheyDisagree) {
  FakeMachine machine;
  const Measurement m = run(machine, {fake(machine, "a", {.between = 0.012})})[0];
  EXPECT_TRUE(m.valid) << m.reason;
  EXPECT_GT(m.processes.size(), 5u);
  EXPECT_LE(relative_width(*m.interval()), 0.02);
}

TEST(Sampler, InvalidWhereTheTimeEndsFirst) {
  FakeMachine machine;
  const Measurement m = run(machine, {fake(machine, "a", {.between = 0.1})}, {.time_limit = 8})[0];
  EXPECT_FALSE(m.valid);
  EXPECT_THAT(m.reason, HasSubstr("wider than the target of 2 %"));
  EXPECT_GE(m.processes.size(), 5u);
  EXPECT_LE(machine.now, 10);
}

TEST(Sampler, ASlowModelKeepsToTheTimeLimit) {
  FakeMachine machine;
  const Measurement m = run(machine, {fake(machine, "a", {.us = 1e6})}, {.time_limit = 30})[0];
  EXPECT_FALSE(m.valid);
  EXPECT_LE(machine.now, 45);
  FakeMachine patient;
  EXPECT_TRUE(run(patient, {fake(patient, "a", {.us = 1e6, .warm_up = 0})}, {.time_limit = 150})[0].valid);
}

TEST(Sampler, RuntimesTakeTurnsAtRandom) {
  FakeMachine machine;
  run(machine, {fake(machine, "a", {}), fake(machine, "b", {}), fake(machine, "c", {})});
  EXPECT_EQ(machine.most_alive, 3) << "one process of each at a time";
  EXPECT_EQ(machine.alive, 0);
  std::size_t changes = 0;
  std::set<std::string> last;
  for (std::size_t i = 1; i < machine.order.size(); ++i) {
    changes += machine.order[i] != machine.order[i - 1];
    if (i + 10 > machine.order.size()) last.insert(machine.order[i]);
  }
  EXPECT_GT(changes, machine.order.size() / 5);
  EXPECT_EQ(last.size(), 3u);

  FakeMachine again, other;
  run(again, {fake(again, "a", {}), fake(again, "b", {}), fake(again, "c", {})});
  EXPECT_EQ(again.order, machine.order) << "the same seed gives the same run";
  run(other, {fake(other, "a", {}), fake(other, "b", {}), fake(other, "c", {})}, {.seed = 2});
  EXPECT_NE(other.order, machine.order);
}

TEST(Sampler, EveryBatchHasInputsOfItsOwn) {
  FakeMachine machine;
  run(machine, {fake(machine, "a", {}), fake(machine, "b", {})});
  EXPECT_EQ(std::set<std::uint64_t>(machine.seeds.begin(), machine.seeds.end()).size(), machine.seeds.size());
}

// The machine is 40 % slower in every other second; a is 4 % faster than b all the time.
TEST(Sampler, ASlowMachineDoesNotDecideAComparison) {
  const auto machine_law = [](double seconds) { return static_cast<int>(seconds) % 2 == 0 ? 1.0 : 1.4; };
  FakeMachine machine;
  const auto runs = run(machine,
                        {fake(machine, "a", {.us = 960, .between = 0.004, .machine = machine_law}),
                         fake(machine, "b", {.us = 1000, .between = 0.004, .machine = machine_law})},
                        {.processes = 10});
  EXPECT_NE(compare_waves(runs[0], runs[1]).verdict, Verdict::Slower);
  const Comparison self = compare_waves(runs[0], runs[0]);
  EXPECT_EQ(self.verdict, Verdict::NoDifference);
  EXPECT_DOUBLE_EQ(self.ratio, 1);
}

TEST(Sampler, AComparisonSaysFasterOnlyWhereItIs) {
  FakeMachine machine;
  const auto runs = run(
      machine, {fake(machine, "a", {.us = 950}), fake(machine, "b", {.us = 1000}), fake(machine, "c", {.us = 1000})});
  EXPECT_EQ(compare_waves(runs[0], runs[1]).verdict, Verdict::Faster);
  EXPECT_EQ(compare_waves(runs[1], runs[0]).verdict, Verdict::Slower);
  EXPECT_EQ(compare_waves(runs[1], runs[2]).verdict, Verdict::NoDifference);
}

TEST(Sampler, ACrashEndsOneRuntimeAndNotTheOthers) {
  FakeMachine machine;
  const auto runs = run(machine, {fake(machine, "a", {.crash_in_process = 2}), fake(machine, "b", {})});
  EXPECT_FALSE(runs[0].valid);
  EXPECT_EQ(runs[0].processes.size(), 2u);
  EXPECT_THAT(runs[0].reason, HasSubstr("SIGSEGV"));
  EXPECT_EQ(runs[0].error->fault, base::Fault::runtime);
  EXPECT_TRUE(runs[1].valid) << runs[1].reason;
}

TEST(Sampler, ARuntimeThatCannotStart) {
  FakeMachine machine;
  const Contender broken{"x", []() -> base::Result<std::unique_ptr<Subject>> {
                           return base::fail({.fault = base::Fault::missing, .what = "no library"});
                         }};
  const auto runs = run(machine, {broken, fake(machine, "b", {})});
  EXPECT_FALSE(runs[0].valid);
  EXPECT_EQ(runs[0].reason, "no library");
  EXPECT_TRUE(runs[1].valid);
}

TEST(Sampler, DriftIsWarnedOfAndThenRefused) {
  FakeMachine machine;
  const Measurement slight = run(machine, {fake(machine, "a", {.warm_up = 0, .drift = 0.0001})})[0];
  EXPECT_THAT(slight.warnings, testing::Contains(HasSubstr("slower than its first half")));
  EXPECT_TRUE(slight.valid) << slight.reason;
  const Measurement strong = run(machine, {fake(machine, "a", {.warm_up = 0, .drift = 0.0003})})[0];
  EXPECT_FALSE(strong.valid);
  EXPECT_THAT(strong.reason, HasSubstr("drift apart"));
}

TEST(Sampler, NeverStationaryIsSaid) {
  FakeMachine machine;
  const Measurement m = run(machine, {fake(machine, "a", {.within = 0.0001, .warm_up = 0, .drift = 0.01})})[0];
  EXPECT_THAT(m.warnings, testing::Contains(HasSubstr("5 of 5 processes were still changing")));
}

TEST(Sampler, StopsWhenInterrupted) {
  FakeMachine machine;
  Hooks hooks = machine.hooks();
  hooks.interrupted = [&machine] { return machine.now > 1; };
  const auto result = sample({fake(machine, "a", {}), fake(machine, "b", {})}, {}, hooks);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().fault, base::Fault::interrupted);
  EXPECT_EQ(machine.alive, 0);
  EXPECT_LT(machine.now, 1.5);
}

TEST(Sampler, ProgressGrows) {
  FakeMachine machine;
  Hooks hooks = machine.hooks();
  std::vector<double> fractions;
  hooks.progress = [&fractions](const std::string&, double fraction) { fractions.push_back(fraction); };
  ASSERT_TRUE(sample({fake(machine, "a", {}), fake(machine, "b", {.between = 0.012})}, {}, hooks));
  EXPECT_GT(fractions.size(), 20u);
  EXPECT_GT(fractions.back(), 0.5);
  EXPECT_THAT(fractions, Each(testing::AllOf(testing::Ge(0), testing::Le(1))));
}

// Fifty whole runs: how often the interval holds the true median, with the stopping rule and all.
TEST(Sampler, IntervalsHoldTheTruth) {
  int hits = 0;
  FakeMachine machine;
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    const Measurement m =
        run(machine, {fake(machine, "a", {.between = 0.006})}, {.seed = seed, .sample_seconds = 0.1})[0];
    hits += m.interval()->low <= 1000 && 1000 <= m.interval()->high;
  }
  EXPECT_GE(hits, 43);
}

}  // namespace
}  // namespace edgescope::measure
