#include "report/views/caching_plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace edgescope::report {
namespace {

using base::Json;
using ::testing::HasSubstr;
using ::testing::Not;

Json document(const char* units, const char* saved) {
  return Json::parse(
      std::string(
          R"({"input":["x/a.tflite","b.tflite"],"plan":{"basis":"predicted","law":"caching law, link law","compiler":"16","link":"usb3",
    "considered":4,"exhaustive":true,"models":[{"input":"b.tflite","not_predicted":["operator 1 (lstm): no law"]}],"assumptions":["One."],"choices":[{"sticks":2,"parameter_bytes":2048,"us":[5,7],"saved_us":)") +
      saved + R"(,"units":)" + units + "}]}}");
}

TEST(CachingPlanView, TheBestWayFirstWithItsCommands) {
  const std::string text =
      render(document(R"([{"mode":"co-compiled","sticks":1,"commands":["edgetpu_compiler -s x/a.tflite b.tflite"],
    "shares":[{"input":"x/a.tflite","cached_bytes":4096,"streamed_bytes":0,"resent_bytes":0},{"input":"b.tflite","cached_bytes":0,"streamed_bytes":2048,"resent_bytes":0}]}])",
                      "[10,2000]"),
             caching_plan_view, OutputFormat::Text, {});
  EXPECT_THAT(text, HasSubstr("Best: a and b together. It saves 10.00 us to 2.00 ms a round."));
  EXPECT_THAT(text, HasSubstr("    edgetpu_compiler -s x/a.tflite b.tflite"));
  EXPECT_THAT(text, HasSubstr("4 ways, all there are"));
  EXPECT_THAT(text, HasSubstr("Not predicted: b, operator 1 (lstm): no law."));
  EXPECT_THAT(text, Not(HasSubstr("segment")));
}

TEST(CachingPlanView, NothingToGainIsSaid) {
  const std::string text =
      render(document(R"([{"mode":"segmented","sticks":2,"commands":["edgetpu_compiler -s --num_segments=2 a.tflite"],
    "shares":[{"input":"a.tflite","segment":0,"cached_bytes":4096,"streamed_bytes":0,"resent_bytes":0,"boundary_bytes":5}]}])",
                      "[-7,-5]"),
             caching_plan_view, OutputFormat::Text, {});
  EXPECT_THAT(text, HasSubstr("Nothing else saves anything."));
  EXPECT_THAT(text, HasSubstr("to the next segment"));
  EXPECT_THAT(text, HasSubstr("-7.00 us to -5.00 us"));
}

}  // namespace
}  // namespace edgescope::report
