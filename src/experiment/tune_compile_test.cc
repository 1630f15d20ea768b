#include "experiment/tune_compile.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace edgescope::experiment {
namespace {

using testing::Pair;
using testing::UnorderedElementsAre;

Space space() {
  return {.knobs = {{.name = "S", .candidates = {{{"S", "1"}}, {{"S", "3"}}}},
                    {.name = "P", .candidates = {{{"P", "YES"}}}},
                    {.name = "R", .candidates = {{{"R", "4"}, {"Q", "4"}}, {{"R", "8"}, {"Q", "8"}}}},
                    {.name = "X", .candidates = {{{"X", "YES"}}}}}};
}

// 192 stages; S=1 and R=8 help and add up, P=YES helps alone and hurts together with R=8, X is refused.
base::Result<CompiledSize> compile(const Settings& s) {
  const auto is = [&](const char* name, const char* value) {
    const auto it = s.find(name);
    return it != s.end() && it->second == value;
  };
  if (s.contains("X")) return base::fail({.fault = base::Fault::runtime, .what = "no such thing"});
  CompiledSize size{.stages = 192, .copies = 20, .ddr_bytes = 1000};
  if (is("S", "1")) size.stages -= 11, size.copies -= 6;
  if (is("S", "3")) size.stages += 8;
  if (is("R", "8")) size.stages -= 20;
  if (is("R", "4")) size.stages += 30, size.ddr_bytes -= 500;
  if (is("P", "YES")) size.stages += is("R", "8") ? 5 : -3;
  return size;
}

TEST(TuneCompile, PutsTogetherWhatHelpsTogether) {
  const auto tuned = tune_compile(space(), CompileObjective::Stages, compile);
  ASSERT_TRUE(tuned);
  const CompileTrial& winner = tuned->trials[tuned->winner];
  EXPECT_THAT(winner.arm.settings, UnorderedElementsAre(Pair("S", "1"), Pair("R", "8"), Pair("Q", "8")));
  EXPECT_EQ(winner.size->stages, 161u);
  EXPECT_EQ(tuned->trials.front().arm.name, "default");
  EXPECT_EQ(tuned->trials.front().size->stages, 192u);
}

TEST(TuneCompile, TheObjectiveDecides) {
  const auto copies = tune_compile(space(), CompileObjective::Copies, compile),
             ddr = tune_compile(space(), CompileObjective::Ddr, compile);
  ASSERT_TRUE(copies && ddr);
  EXPECT_EQ(copies->trials[copies->winner].size->copies, 14u);
  EXPECT_EQ(ddr->trials[ddr->winner].size->ddr_bytes, 500u);
  EXPECT_TRUE(better({.stages = 5, .copies = 1}, {.stages = 5, .copies = 2}, CompileObjective::Stages))
      << "among equals";
}

TEST(TuneCompile, ARefusalIsAnAnswer) {
  const auto tuned = tune_compile(space(), CompileObjective::Stages, compile);
  int refused = 0;
  for (const CompileTrial& trial : tuned->trials) refused += !trial.refused.empty();
  EXPECT_EQ(refused, 1);
}

TEST(TuneCompile, NothingBetterLeavesTheDefault) {
  const auto tuned =
      tune_compile(space(), CompileObjective::Stages, [](const Settings&) { return CompiledSize{.stages = 3}; });
  ASSERT_TRUE(tuned);
  EXPECT_EQ(tuned->winner, 0u);
}

TEST(TuneCompile, FailsWithTheDefaultOrWhenInterrupted) {
  EXPECT_FALSE(tune_compile(space(), CompileObjective::Stages,
                            [](const Settings&) -> base::Result<CompiledSize> { return base::fail({.what = "no"}); }));
  const auto stopped =
      tune_compile(space(), CompileObjective::Stages, [](const Settings& s) -> base::Result<CompiledSize> {
        if (s.empty()) return CompiledSize{};
        return base::fail({.fault = base::Fault::interrupted, .what = "stopped"});
      });
  ASSERT_FALSE(stopped);
  EXPECT_EQ(stopped.error().fault, base::Fault::interrupted);
}

}  // namespace
}  // namespace edgescope::experiment
