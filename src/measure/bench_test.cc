#include "measure/bench.h"

#include <gtest/gtest.h>

#include "measure/fake_subject.h"

namespace edgescope::measure {
namespace {

using testing_support::fake;
using testing_support::FakeMachine;

std::vector<Measurement> measured(std::initializer_list<double> medians) {
  FakeMachine machine;
  std::vector<Contender> contenders;
  for (double median : medians)
    contenders.push_back(fake(machine, "r" + std::to_string(contenders.size()), {.us = median}));
  return *sample(contenders, {}, machine.hooks());
}

TEST(Rank, TheFastestAndWhoLost) {
  const auto ranking = rank(measured({1200, 1000, 5000}), 0.95);
  ASSERT_TRUE(ranking);
  EXPECT_EQ(ranking->fastest, "r1");
  ASSERT_EQ(ranking->rivals.size(), 2u);
  EXPECT_EQ(ranking->rivals[0].on, "r0");
  EXPECT_EQ(ranking->rivals[0].comparison.verdict, Verdict::Slower);
  EXPECT_NEAR(ranking->rivals[1].comparison.ratio, 5, 0.05);
}

TEST(Rank, TiesAreSaid) {
  const auto ranking = rank(measured({1000, 1000}), 0.95);
  EXPECT_EQ(ranking->rivals[0].comparison.verdict, Verdict::NoDifference);
}

TEST(Rank, InvalidRunsWinOnlyWhereTheIntervalShowsIt) {
  std::vector<Measurement> runs = measured({1200, 1000});
  runs[1].valid = false;
  EXPECT_EQ(rank(runs, 0.95)->fastest, "r1") << "it is faster in every wave";
  runs[1].processes.resize(1);
  EXPECT_EQ(rank(runs, 0.95)->fastest, "r0") << "one process shows nothing";
  EXPECT_EQ(rank(runs, 0.95)->rivals[0].comparison.verdict, Verdict::NoDifference);
  runs[0].valid = false;
  EXPECT_EQ(rank(runs, 0.95)->fastest, "r1") << "none is valid: the figures that there are";
  EXPECT_FALSE(rank({{.on = "x", .reason = "missing"}}, 0.95));
}

TEST(Bench, DocumentHasTheContractsMembers) {
  Bench b{.runs = measured({1000, 2000})};
  b.runs.push_back({.on = "gone", .reason = "no library"});
  b.ranking = rank(b.runs, 0.95);
  b.harness = Harness{0.05, 0.1, 1000};
  base::Json document;
  add_bench(document, b, false);
  EXPECT_EQ(document["runs"].size(), 3u);
  EXPECT_EQ(document["runs"][2]["valid"], false);
  EXPECT_EQ(document["comparison"]["fastest"], "r0");
  EXPECT_EQ(document["comparison"]["against_fastest"][0]["verdict"], "slower");
  EXPECT_EQ(document["harness"]["overhead_us"], 0.05);
  EXPECT_TRUE(document["environment"].contains("cpu"));
  EXPECT_TRUE(anything_ran(b));
  b.runs.erase(b.runs.begin(), b.runs.begin() + 2);
  EXPECT_FALSE(anything_ran(b));
}

TEST(Bench, ANameThatNobodyKnowsIsAnErrorOfUsage) {
  const auto result = bench({.model = "m.tflite", .on = {"litertt"}}, system_hooks());
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().fault, base::Fault::usage);
}

TEST(Bench, NothingLeftIsAnError) {
  BenchRequest request{.model = "m.onnx", .format = graph::Format::Onnx, .on = {"tflite"}};
  const auto result = bench(request, system_hooks());
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().fault, base::Fault::missing);
}

// A whole run with real worker processes, of the session that does nothing.
TEST(Bench, TheNullSessionCostsLessThanAMicrosecond) {
  BenchRequest request{.model = "none", .on = {"null"}};
  request.plan = {.processes = 2, .most_processes = 2, .time_limit = 2, .sample_seconds = 0.05};
  const auto result = bench(request, system_hooks());
  ASSERT_TRUE(result) << result.error().message();
  EXPECT_EQ(result->runs[0].processes.size(), 2u) << result->runs[0].reason;
  ASSERT_TRUE(result->harness);
  EXPECT_LT(result->harness->overhead_us, 1);
  EXPECT_GT(result->environment.logical_cores, 0);
}

}  // namespace
}  // namespace edgescope::measure
