#include "experiment/answer_steps.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "experiment/answers.h"

namespace edgescope::experiment {
namespace {

using base::Json;
using ::testing::HasSubstr;

// Calls that take at least `floor`, and wait for `wait` on average.
Series rung(int operators, double floor, double wait, std::vector<std::string> kinds) {
  std::mt19937_64 random(static_cast<std::uint64_t>(operators));
  std::exponential_distribution<double> fresh(1);
  Series series{.spec = {{"on", "stick"}, {"operators", operators}},
                .facts = {{"model", {{"operators", kinds.size()}, {"kinds", kinds}}}}};
  auto& samples = series.processes.emplace_back();
  for (int i = 0; i < 400; ++i) samples.push_back(floor + fresh(random) + wait * std::max(0.0, fresh(random) - 0.5));
  return series;
}

// The notebook's trap: the mean falls, the fastest calls do not.
TEST(StepsAnswer, AMeanThatFallsIsNoGain) {
  const Json found =
      answer({"ladder", "operators"}, {rung(1, 300, 400, {"RESHAPE"}), rung(2, 300, 20, {"RESHAPE", "FULLY_CONNECTED"}),
                                       rung(3, 350, 20, {"RESHAPE", "FULLY_CONNECTED", "RESHAPE"})});
  ASSERT_EQ(found["rows"].size(), 2U);
  EXPECT_EQ(found["rows"][0]["verdict"], "waiting");
  EXPECT_LT(found["rows"][0]["mean_interval_us"][1].get<double>(), 0);
  EXPECT_EQ(found["rows"][1]["verdict"], "cost");
  EXPECT_EQ(found["rows"][0]["made_to"], Json({"RESHAPE", "FULLY_CONNECTED"}));
  EXPECT_THAT(found["headline"].get<std::string>(),
              HasSubstr("No step along operators is shown to lower the time: 1 of 2 cost"));
  EXPECT_THAT(found["conclusion"].get<std::string>(),
              HasSubstr("A comparison of means misleads at operators 1 to 2 on stick"));
  EXPECT_THAT(found["conclusion"].get<std::string>(), ::testing::Not(HasSubstr("Not the operator alone")));
}

TEST(StepsAnswer, SaysWhereTheFilesHoldSomethingElse) {
  const Json found =
      answer({"ladder", "operators"}, {rung(1, 300, 20, {"TRANSPOSE"}), rung(2, 320, 20, {"FULLY_CONNECTED"})});
  EXPECT_EQ(found["headline"], "No step along operators lowers the time: every one costs");
  EXPECT_THAT(found["conclusion"].get<std::string>(),
              HasSubstr("Not the operator alone changes at operators 1 to 2 on stick: the files hold TRANSPOSE, and "
                        "FULLY_CONNECTED"));
}

TEST(StepsAnswer, AGainIsToldAsOne) {
  const Json found = answer({"ladder", "operators"}, {rung(1, 400, 20, {"A"}), rung(2, 300, 20, {"A", "B"})});
  EXPECT_THAT(found["headline"].get<std::string>(), HasSubstr("1 of 1 steps along operators lower the time"));
}

// Both ends of a law are off in the same direction: the step is between the ends' own differences.
TEST(StepsAnswer, APredictedStep) {
  std::vector<Series> series;
  for (int operators : {1, 2})
    series.push_back({.spec = {{"operators", operators}, {"predict", "ncs2"}},
                      .facts = {{"told",
                                 {{"interval_us", {1000 + 29 * operators, 1900 + 34 * operators}},
                                  {"basis", "predicted"},
                                  {"rests_on", "stages"}}}}});
  const Json found = answer({"ladder", "operators"}, series);
  ASSERT_EQ(found["rows"].size(), 1U);
  EXPECT_EQ(found["rows"][0]["floor_interval_us"], Json({29.0, 34.0}));
  EXPECT_EQ(found["rows"][0]["verdict"], "cost");
  EXPECT_EQ(found["rows"][0]["basis"], "predicted");
}

}  // namespace
}  // namespace edgescope::experiment
