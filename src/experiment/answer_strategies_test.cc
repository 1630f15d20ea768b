#include "experiment/answer_strategies.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "experiment/answers.h"

namespace edgescope::experiment {
namespace {

using base::Json;
using ::testing::HasSubstr;

Series timed(const std::string& way, int trees, double us) {
  return {.spec = {{"on", "litert"}, {"strategy", way}, {"trees", trees}}, .processes = {{us, us, us}}};
}

Series told_to(const char* basis, Json device, const std::string& way, int trees, double low, double high) {
  Series series{.spec = std::move(device),
                .facts = {{"told", {{"interval_us", {low, high}}, {"basis", basis}, {"rests_on", "x"}}}}};
  series.spec["strategy"] = way;
  series.spec["trees"] = trees;
  return series;
}

Json question(const std::vector<Series>& series) { return answer({"strategies", "strategy"}, series); }

TEST(StrategiesAnswer, WhoWinsWhereAndWhatTheStickCosts) {
  const Json stick = {{"predict", "ncs2"}};
  const Json found = question(
      {timed("gemm", 1, 2), timed("ptt", 1, 3), timed("gemm", 64, 90), timed("ptt", 64, 10),
       told_to("predicted", stick, "gemm", 1, 1500, 1600), told_to("predicted", stick, "ptt", 1, 2000, 2100),
       told_to("predicted", stick, "gemm", 64, 6000, 7000), told_to("predicted", stick, "ptt", 64, 3000, 4000)});
  ASSERT_EQ(found["rows"].size(), 8U);
  EXPECT_EQ(found["rows"][0]["verdict"], "fastest");
  EXPECT_EQ(found["rows"][1]["slower_by_us"], 1);
  EXPECT_EQ(found["rows"][4]["device"], "ncs2 (predicted)");
  EXPECT_EQ(found["rows"][4]["place"], "trees 1");
  EXPECT_EQ(found["rows"][4]["verdict"], "fastest");
  EXPECT_EQ(found["rows"][5]["verdict"], "slower");
  const auto said = found["conclusion"].get<std::string>();
  EXPECT_THAT(said,
              HasSubstr("ncs2 (predicted): gemm in 1 and ptt in 1 of 2 places (by trees: gemm at 1, ptt at 64)."));
  EXPECT_THAT(said,
              HasSubstr("takes at least 300 to 750 times as long as the fastest one measured here, at 2 of 2 places"));
  EXPECT_THAT(found["headline"].get<std::string>(),
              HasSubstr("no program makes ncs2 (predicted) faster than this machine"));
}

// Where one way takes nearly all, who comes next is the question that is left.
TEST(StrategiesAnswer, WhoWouldWinWithoutTheWinner) {
  std::vector<Series> series;
  for (const int trees : {1, 8, 64}) {
    const double t = trees;
    series.push_back(told_to("predicted", {{"predict", "ncs2"}}, "exact", trees, 10, 20));
    series.push_back(told_to("predicted", {{"predict", "ncs2"}}, "gemm", trees, 30 * t, 40 * t));
    series.push_back(told_to("predicted", {{"predict", "ncs2"}}, "ptt", trees, 300, 400));
  }
  EXPECT_EQ(
      question(series)["conclusion"],
      "ncs2 (predicted): exact in 3 of 3 places; without exact: gemm in 2 and ptt in 1 of 3 places (by trees: gemm at "
      "1 and 8, ptt at 64).");
}

// Both ends of one law are off in the same direction: what is lower at both is faster.
TEST(StrategiesAnswer, EndsThatDisagreeDecideNothing) {
  const Json apart = question({told_to("predicted", {{"predict", "ncs2"}}, "tt", 8, 1000, 2000),
                               told_to("predicted", {{"predict", "ncs2"}}, "ptt", 8, 900, 1200)});
  EXPECT_EQ(apart["rows"][0]["verdict"], "slower");
  EXPECT_EQ(apart["rows"][1]["verdict"], "fastest");
  const Json found = question({told_to("predicted", {{"predict", "ncs2"}}, "tt", 8, 800, 2000),
                               told_to("predicted", {{"predict", "ncs2"}}, "ptt", 8, 900, 1200)});
  EXPECT_EQ(found["rows"][0]["verdict"], "not decided");
  EXPECT_EQ(found["rows"][1]["verdict"], "not decided");
  EXPECT_EQ(found["conclusion"], "ncs2 (predicted): 1 not decided of 1 places.");
}

TEST(StrategiesAnswer, PublishedFiguresAreNamedSo) {
  const Json found = question({told_to("published", {{"on", "ncs2"}, {"published", "X"}}, "tt", 8, 4790, 4790),
                               told_to("published", {{"on", "ncs2"}, {"published", "X"}}, "ptt", 8, 4270, 4270),
                               told_to("published", {{"on", "cpu"}, {"published", "X"}}, "tt", 8, 120, 120),
                               told_to("published", {{"on", "cpu"}, {"published", "X"}}, "ptt", 8, 100, 100),
                               timed("tt", 8, 5000), timed("ptt", 8, 6000)});
  EXPECT_EQ(found["rows"][1]["device"], "ncs2, published by X");
  EXPECT_EQ(found["rows"][1]["verdict"], "fastest");
  EXPECT_EQ(found["rows"][1]["basis"], "published");
  // Held against the same author's other device, not against this machine.
  EXPECT_THAT(
      found["conclusion"].get<std::string>(),
      HasSubstr("ncs2, published by X: whatever the program, a call takes 43 times as long as the fastest one on "
                "cpu, published by X"));
  EXPECT_THAT(found["headline"].get<std::string>(), ::testing::Not(HasSubstr("published")));
}

}  // namespace
}  // namespace edgescope::experiment
