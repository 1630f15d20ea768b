#include "report/views/edgetpu_source.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace edgescope::report {
namespace {

using base::Json;
using ::testing::HasSubstr;

TEST(EdgeTpuSourceView, SaysWhatBecameOfEachLayer) {
  const Json source = Json::parse(
      R"({"file":"m.tflite","notes":["Look twice."],"operators":3,"mapped_operators":2,"compiler":"16","complete":false,
    "found_layers":1,"source_bytes":600,"inflation":2.0,"stored_bytes":{"predicted":1200,"decoded":1200,"difference":0},
    "cached_bytes":{"predicted":1200,"decoded":200,"difference":1000},"streamed_bytes":{"predicted":0,"decoded":1000,"difference":-1000},
    "not_predicted":["LSTM"],
    "cpu_operators":[{"index":2,"source_kind":"CAST","predicted":"cpu","status":"Operation not supported","name":"c"}],
    "layers":[{"operator":0,"kind":"convolution","name":"a","source_bytes":500,"stored_bytes":1000,"inflation":2.0,"basis":"exact","cached_bytes":0,"predicted_cached":true,"why":"full"},
              {"operator":1,"kind":"softmax","name":"b","source_bytes":0,"stored_bytes":200,"inflation":null,"basis":"predicted","cached_bytes":64,"predicted_cached":true}]})");
  const std::string text = render(source,
                                  [](const Json& json) {
                                    Blocks blocks;
                                    add_edgetpu_source(blocks, json);
                                    return blocks;
                                  },
                                  OutputFormat::Text, {});
  EXPECT_THAT(text, HasSubstr("600 B became 1.17 KiB, as predicted (2.00 times)"));
  EXPECT_THAT(text, HasSubstr("200 B; predicted 1.17 KiB"));
  EXPECT_THAT(text, HasSubstr("exact for 1 of 2 layers"));
  EXPECT_THAT(text, HasSubstr("Look twice."));
  EXPECT_THAT(text, HasSubstr("2.00  streamed     cached     exact      a     full"));
  EXPECT_THAT(text, HasSubstr("64 B cached"));
  EXPECT_THAT(text, HasSubstr("Operation not supported"));
}

}  // namespace
}  // namespace edgescope::report
