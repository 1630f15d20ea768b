#include "analysis/caching_plan_json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace edgescope::analysis {
namespace {

namespace edgetpu = target::edgetpu;

TEST(CachingPlanJson, SaysWhatItRestsOn) {
  std::vector<edgetpu::PlanModel> models(2);
  for (std::size_t i = 0; i < 2; ++i)
    models[i] = {.file = i == 0 ? "a.tflite" : "b.tflite",
                 .layers = {{.op = 0, .stored_bytes = 256000, .blocks = 1, .rows_per_block = 1000}},
                 .crossing = {10},
                 .cap = {.low = 1900, .central = 2000, .high = 2050},
                 .not_predicted = {"an LSTM"}};
  const edgetpu::PlanRequest request{.sticks = 2, .turn = 3};
  const base::Json json = caching_plan_json(models, request, edgetpu::plan(models, request));
  EXPECT_EQ(json["basis"], "predicted");
  EXPECT_EQ(json["turn"], 3);
  EXPECT_EQ(json["models"][1]["stored_bytes"], 256000);
  EXPECT_EQ(json["models"][1]["not_predicted"][0], "an LSTM");
  const base::Json& best = json["choices"][0];
  EXPECT_EQ(best["units"][0]["mode"], "co-compiled");
  EXPECT_EQ(best["units"][0]["commands"][0], "edgetpu_compiler -s a.tflite b.tflite");
  EXPECT_EQ(best["units"][0]["shares"][0]["cached_bytes"], 256000);
  EXPECT_GT(best["saved_us"][0], 0.0);
  EXPECT_LE(best["saved_us"][0], best["saved_us"][1]);
  EXPECT_THAT(json["assumptions"],
              testing::Contains(testing::ResultOf([](const base::Json& s) { return s.get<std::string>(); },
                                                  testing::HasSubstr("3 inferences of each"))));
}

}  // namespace
}  // namespace edgescope::analysis
