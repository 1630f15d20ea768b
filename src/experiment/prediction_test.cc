#include "experiment/prediction.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "analysis/check_edgetpu.h"
#include "experiment/families.h"
#include "format/format.h"
#include "support/scratch.h"

namespace edgescope::experiment {
namespace {

using base::Json;
using ::testing::HasSubstr;

class Prediction : public ::testing::Test {
 protected:
  std::string model(const Json& spec) {
    const auto path = model_of(spec, scratch_.path().string());
    EXPECT_TRUE(path) << path.error().message();
    return *path;
  }

  testing_support::Scratch scratch_;
  Predictor predictor_{runtime::Places{}};
};

TEST_F(Prediction, TheEdgeTpusIsThatOfPredict) {
  const std::string path =
      model({{"batch", 1}, {"depth", 3}, {"family", "dense"}, {"predict", "edgetpu"}, {"width", 64}});
  const auto told = predictor_.predict("edgetpu", path);
  ASSERT_TRUE(told) << told.error().message();
  const auto read = format::read_model(path);
  EXPECT_EQ((*told)["interval_us"], (*analysis::predict_edgetpu(*read, nullptr, {}))["interval_us"]);
  EXPECT_EQ((*told)["basis"], "predicted");
  EXPECT_THAT((*told)["rests_on"].get<std::string>(), HasSubstr("link law over usb3"));
}

// The law knows nothing of the CPU's share, so that there is no time of the whole.
TEST_F(Prediction, NoTimeIsToldOfWhatStaysOnTheCpuInPart) {
  const auto told = predictor_.predict(
      "edgetpu", model({{"batch", 10}, {"depth", 3}, {"family", "dense"}, {"predict", "edgetpu"}, {"width", 64}}));
  ASSERT_FALSE(told);
  EXPECT_THAT(told.error().what, HasSubstr("3 of 3 operators stay on the CPU, the first is fully_connected"));
}

TEST_F(Prediction, OnlyOfDevicesThatHaveALaw) {
  EXPECT_EQ(predictor_.predict("gpu", "x.tflite").error().fault, base::Fault::usage);
}

// What the user's puzzle was about: PTT pays for its stages, GEMM for its elements.
TEST_F(Prediction, TheNcs2sRestsOnTheStagesOfThePlugin) {
  if (const auto plugin = runtime::find("ncs2:virtual"); !plugin) GTEST_SKIP() << plugin.error().message();
  const auto told = [&](const char* strategy, int trees) {
    const auto found = predictor_.predict("ncs2", model({{"batch", 1},
                                                         {"depth", 8},
                                                         {"family", "forest"},
                                                         {"predict", "ncs2"},
                                                         {"strategy", strategy},
                                                         {"trees", trees}}));
    EXPECT_TRUE(found) << found.error().message();
    return found.value_or(Json::object());
  };
  const Json few_gemm = told("gemm", 1), few_ptt = told("ptt", 1), many_gemm = told("gemm", 64),
             many_ptt = told("ptt", 64);
  for (const int end : {0, 1}) {
    EXPECT_LT(few_gemm["interval_us"][end], few_ptt["interval_us"][end]);
    EXPECT_LT(many_ptt["interval_us"][end], many_gemm["interval_us"][end]);
  }
  EXPECT_GT(many_ptt["stages"].get<int>(), 3 * many_gemm["stages"].get<int>());
  EXPECT_THAT(many_ptt["rests_on"].get<std::string>(), HasSubstr("stages of the vendor's plugin"));
  const auto dense = predictor_.predict(
      "ncs2", model({{"batch", 1}, {"depth", 3}, {"family", "dense"}, {"predict", "ncs2"}, {"width", 64}}));
  ASSERT_TRUE(dense) << "the family is made of floats for it: " << dense.error().message();
}

}  // namespace
}  // namespace edgescope::experiment
