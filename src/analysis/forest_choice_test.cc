#include "analysis/forest_choice.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "forest/test_forests.h"

namespace edgescope::analysis {
namespace {

using testing::HasSubstr;

std::string chosen(const forest::Ensemble& ensemble, ForestTarget target, graph::Format format, int batch) {
  const ForestChoice choice = choose_strategy(ensemble, target, format, batch);
  return choice.candidates[choice.chosen].strategy;
}

TEST(ForestChoice, NothingButTheExactProgramRunsOnTheEdgeTpu) {
  const auto ensemble = forest::test::random_forest({});
  const ForestChoice choice = choose_strategy(ensemble, ForestTarget::EdgeTpu, graph::Format::TfLite, 1);
  ASSERT_EQ(choice.candidates.size(), 4u);
  EXPECT_EQ(choice.candidates[choice.chosen].strategy, "exact");
  for (const ForestCandidate& candidate : choice.candidates)
    EXPECT_EQ(candidate.refusal.empty(), candidate.strategy == "exact") << candidate.strategy;
  EXPECT_THAT(choice.why, HasSubstr("only one that runs"));
}

TEST(ForestChoice, OnCpusFewRowsAreTheExactProgramsAndManyOfLargeForestsPtts) {
  const auto small = forest::test::random_forest({.trees = 1, .depth = 4, .perfect = true});
  EXPECT_EQ(chosen(small, ForestTarget::Cpu, graph::Format::TfLite, 1), "exact");
  const auto large = forest::test::random_forest({.trees = 100, .depth = 8, .features = 8, .perfect = true});
  EXPECT_EQ(chosen(large, ForestTarget::Cpu, graph::Format::OpenVinoIr, 1000), "ptt");
}

TEST(ForestChoice, FewStagesWinOnTheNcs2) {
  const auto ensemble = forest::test::random_forest({.trees = 100, .depth = 8, .features = 8, .perfect = true});
  EXPECT_EQ(chosen(ensemble, ForestTarget::Ncs2, graph::Format::OpenVinoIr, 1), "exact");
}

// What the plugin makes of 1000 rows took 180 times as long as one row, by the stage law.
TEST(ForestChoice, ManyRowsOfTheExactProgramOnTheNcs2AreAtMostAsManyRuns) {
  const auto ensemble = forest::test::random_forest({.trees = 50, .depth = 7, .features = 8, .perfect = true});
  const auto at = [&](int batch) {
    return *choose_strategy(ensemble, ForestTarget::Ncs2, graph::Format::OpenVinoIr, batch).candidates[0].us;
  };
  EXPECT_EQ(at(1000).low, at(1).low);
  EXPECT_EQ(at(1000).high, 1000 * at(1).high);
  EXPECT_EQ(chosen(ensemble, ForestTarget::Ncs2, graph::Format::OpenVinoIr, 1000), "ptt");
}

TEST(ForestChoice, APerfectTreeThatIsTooLargeIsRefused) {
  const auto ensemble = forest::test::random_forest({.trees = 2, .depth = 40, .skewed = true});
  const ForestChoice choice = choose_strategy(ensemble, ForestTarget::Cpu, graph::Format::Onnx, 1);
  for (const ForestCandidate& candidate : choice.candidates)
    EXPECT_EQ(candidate.refusal.empty(), candidate.strategy != "ptt") << candidate.strategy;
  EXPECT_THAT(choice.candidates[1].refusal, HasSubstr("its constants take"));
}

}  // namespace
}  // namespace edgescope::analysis
