#include "experiment/answer_growth.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "experiment/answers.h"

namespace edgescope::experiment {
namespace {

using base::Json;
using ::testing::HasSubstr;

Series timed(Json spec, double us, Json facts = Json::object()) {
  return {.spec = std::move(spec), .processes = {{us, us, us}, {us, us, us}}, .facts = std::move(facts)};
}

Series told_to(Json spec, double low, double high) {
  return {.spec = std::move(spec),
          .processes = {},
          .facts = {{"told", {{"interval_us", {low, high}}, {"basis", "predicted"}, {"rests_on", "a law"}}}}};
}

TEST(GrowthAnswer, TheSmallerFactorMayBeTheDearerUnit) {
  std::vector<Series> series;
  for (const int batch : {1, 1000}) {
    series.push_back(timed({{"batch", batch}, {"on", "stick"}}, 315 + 1.03 * batch));
    series.push_back(timed({{"batch", batch}, {"on", "cpu"}}, 29 + 0.164 * batch));
  }
  const Json found = answer({"scaling", "batch"}, series);
  EXPECT_EQ(found["x"], "batch");
  ASSERT_EQ(found["rows"].size(), 2U);
  EXPECT_NEAR(found["rows"][0]["factor"].get<double>(), 1345 / 316.03, 1e-9);
  EXPECT_EQ(found["headline"], "Each further unit of batch costs 164.0 ns on cpu and 6.3 times as much on stick");
  EXPECT_THAT(found["conclusion"].get<std::string>(), HasSubstr("stick grows by a factor of 4.26 and cpu by 6.62"));
  EXPECT_THAT(found["conclusion"].get<std::string>(), HasSubstr("fixed in each call is 315.0 us on the first"));
}

// A prediction is an interval: its two ends grow along a line each.
TEST(GrowthAnswer, WhatIsPredictedStandsBeside) {
  std::vector<Series> series;
  for (const int batch : {1, 11}) {
    series.push_back(timed({{"batch", batch}, {"on", "cpu"}}, 9 + batch));
    series.push_back(told_to({{"batch", batch}, {"predict", "ncs2"}}, 100 + 2 * batch, 200 + 3 * batch));
  }
  const Json found = answer({"scaling", "batch"}, series);
  ASSERT_EQ(found["rows"].size(), 2U);
  const Json& row = found["rows"][1];
  EXPECT_EQ(row["label"], "ncs2 (predicted)");
  EXPECT_EQ(row["basis"], "predicted");
  EXPECT_NEAR(row["fixed_interval_us"][0].get<double>(), 100, 1e-9);
  EXPECT_NEAR(row["fixed_interval_us"][1].get<double>(), 200, 1e-9);
  EXPECT_NEAR(row["each_interval_us"][0].get<double>(), 2, 1e-9);
  EXPECT_NEAR(row["each_interval_us"][1].get<double>(), 3, 1e-9);
  EXPECT_FALSE(row.contains("fixed_us")) << "no single figure is predicted";
  EXPECT_THAT(found["headline"].get<std::string>(), HasSubstr("cpu: 9.00 us fixed and 1.00 us"));
  EXPECT_THAT(found["conclusion"].get<std::string>(), HasSubstr("ncs2 (predicted): 100.0 us to 200.0 us fixed"));
}

// Twice the width is four times the work: along the width it bends, along what is computed it is a line.
TEST(GrowthAnswer, SizeIsWhatIsComputed) {
  std::vector<Series> series;
  for (const int width : {100, 200, 400, 800})
    series.push_back(
        timed({{"width", width}, {"on", "cpu"}}, 5 + 2e-4 * width * width, {{"model", {{"macs", width * width}}}}));
  const Json size = answer({"size", "width"}, series);
  EXPECT_EQ(size["x"], "million_macs");
  EXPECT_NEAR(size["rows"][0]["each_us"].get<double>(), 200, 1e-6);
  EXPECT_LT(size["rows"][0]["worst_residual"].get<double>(), 1e-9);
  EXPECT_NEAR(size["rows"][0]["points"][3]["million_macs"].get<double>(), 0.64, 1e-12);
  const Json along = answer({"scaling", "width"}, series);
  EXPECT_GT(along["rows"][0]["worst_residual"].get<double>(), 0.15);
  EXPECT_THAT(along["conclusion"].get<std::string>(), HasSubstr("does not grow along a line"));
  series[0].facts = Json::object();
  EXPECT_EQ(answer({"size", "width"}, series)["x"], "width") << "one file does not say what it computes";
}

TEST(GrowthAnswer, NothingIsSaidOfOnePlace) {
  const Json found = answer({"scaling", "batch"}, {timed({{"batch", 1}, {"on", "cpu"}}, 3)});
  EXPECT_TRUE(found["rows"].empty());
  EXPECT_EQ(found["conclusion"], "Nothing was measured at two different values of batch.");
}

}  // namespace
}  // namespace edgescope::experiment
