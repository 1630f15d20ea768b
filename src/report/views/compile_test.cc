#include "report/views/compile.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace edgescope::report {
namespace {

using base::Json;
using ::testing::HasSubstr;
using ::testing::Not;

Json document() {
  return Json::parse(R"({"input":"a.tflite","target":"edgetpu","verdict":"compiles","failure":"","remedy":"",
    "compiler":{"program":"p","version":"16.0","command":["p"],"attempts":[{"seconds":1,"ended":"e","failure":""}]},
    "models":[{"input":"a.tflite","outputs":["out/a_edgetpu.tflite"],
      "predicted":{"basis":"predicted","compiler":"16","verdict":"compiles","failure":"","mapped_operators":3,"cpu_operators":1,
        "cached_bytes":2048,"cached_bytes_range":[1024,2048],"streamed_bytes":0,"streamed_bytes_range":[0,0],"not_predicted":[]},
      "actual":{"basis":"exact","subgraphs":1,"mapped_operators":3,"cpu_operators":1,"cached_bytes":1024,"streamed_bytes":64},
      "operators":[{"operator":"ADD","predicted_mapped":3,"predicted_cpu":1,"mapped":3,"cpu":1}],
      "differences":["Cached bytes: 2048 predicted, 1024 found."]}],
    "compiler_log":[]})");
}

TEST(CompileView, BothSidesAndTheirDifference) {
  const std::string text = render(document(), compile_view, OutputFormat::Text, {});
  EXPECT_THAT(text, HasSubstr("Compiled with edgetpu_compiler 16.0."));
  EXPECT_THAT(text, HasSubstr("Written: out/a_edgetpu.tflite"));
  EXPECT_THAT(text, HasSubstr("2.00 KiB (1.00 KiB to 2.00 KiB)"));
  EXPECT_THAT(text, HasSubstr("Different: Cached bytes"));
  EXPECT_THAT(text, Not(HasSubstr("runs:")));
}

TEST(CompileView, NothingDifferentIsSaid) {
  Json json = document();
  json["models"][0]["differences"] = Json::array();
  EXPECT_THAT(render(json, compile_view, OutputFormat::Text, {}), HasSubstr("As predicted."));
}

TEST(CompileView, AFailureShowsTheLog) {
  Json json = document();
  json["verdict"] = "fails";
  json["failure"] = "Model not quantized";
  json["models"][0]["actual"] = nullptr;
  json["models"][0]["differences"] = Json::array();
  json["compiler_log"] = Json::parse(
      R"([{"input_model":"","compiler":"16.0","on_chip_used":null,"on_chip_available":null,"on_chip_remaining":null,
    "off_chip_used":null,"subgraphs":null,"failure":"Model not quantized","rows":[]}])");
  const std::string text = render(json, compile_view, OutputFormat::Text, {});
  EXPECT_THAT(text, HasSubstr("edgetpu_compiler 16.0 fails: Model not quantized."));
  EXPECT_THAT(text, HasSubstr("published by the compiler"));
  EXPECT_THAT(text, Not(HasSubstr("status"))) << "a table without rows";
  EXPECT_THAT(text, Not(HasSubstr("As predicted")));
}

}  // namespace
}  // namespace edgescope::report
