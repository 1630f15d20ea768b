#include "report/views/predict.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace edgescope::report {
namespace {

using ::testing::HasSubstr;

TEST(PredictView, IntervalTermsAssumptions) {
  const base::Json document =
      base::Json::parse(R"json({"input":"m.tflite","target":"edgetpu","from":"source","basis":"predicted(link law)",
    "interval_us":[500.0,2500.0],"link":"usb3","megahertz":500,
    "terms":[{"name":"floor","unit":"calls","amount":1,"us":[270.0,460.0],"source":"published"},
             {"name":"instructions","unit":"bytes","amount":1024,"amount_high":4096,"us":[1.0,9.0],"source":"published"},
             {"name":"compute","unit":"macs","amount":2000000,"us":[1.0,2.0],"source":"published"}],
    "assumptions":["instructions are assumed"]})json");
  const std::string text = render(document, predict_view, OutputFormat::Text, {});
  EXPECT_THAT(text, HasSubstr("500.0 us to 2.50 ms an inference, over usb3 at 500 MHz"));
  EXPECT_THAT(text, HasSubstr("predicted(link law)"));
  EXPECT_THAT(text, HasSubstr("1.00 KiB to 4.00 KiB"));
  EXPECT_THAT(text, HasSubstr("2.00 M MACs"));
  EXPECT_THAT(text, HasSubstr("1 call"));
  EXPECT_THAT(text, HasSubstr("Assumed: instructions are assumed"));
  EXPECT_THAT(render(document, predict_view, OutputFormat::JsonLines, {}), HasSubstr("\"amount_high\":4096"));
}

}  // namespace
}  // namespace edgescope::report
