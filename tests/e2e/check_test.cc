// `edgescope check` and `predict` as their users run them: outputs and exit codes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/json.h"
#include "support/reference.h"
#include "support/run.h"

namespace edgescope::testing_support {
namespace {

using base::Json;
using ::testing::HasSubstr;

const std::string kInt8 = EDGESCOPE_SOURCE_DIR "/examples/digits/digits_int8.tflite";
const std::string kFloat = EDGESCOPE_SOURCE_DIR "/examples/digits/digits_float.tflite";

TEST(Check, AQuantisedNetworkCompiles) {
  const Finished done = run(edgescope_program(), {"check", kInt8, "--target", "edgetpu", "--format", "json"});
  EXPECT_EQ(done.exit, 0) << done.err;
  const Json json = Json::parse(done.out, nullptr, false);
  ASSERT_TRUE(json.is_object());
  EXPECT_EQ(json["verdict"], "compiles");
  EXPECT_EQ(json["placement"]["cpu"], 0);
  EXPECT_EQ(json["memory"]["stored_bytes"], json["memory"]["cached_bytes"]);
  EXPECT_GT(json["memory"]["cached_bytes"], 0);
  EXPECT_EQ(json["prediction"]["basis"], "predicted(link law)");
  const Finished text = run(edgescope_program(), {"check", kInt8, "--target", "edgetpu", "--compiler", "2.1"});
  EXPECT_EQ(text.exit, 0);
  EXPECT_THAT(text.out, HasSubstr("Compiles for edgetpu"));
  EXPECT_THAT(text.out, HasSubstr("edgetpu_compiler 2.1"));
  EXPECT_THAT(text.out, HasSubstr("Predicted placement"));
}

TEST(Check, WhatFailsAnswersOne) {
  const Finished done = run(edgescope_program(), {"check", kFloat, "--target", "edgetpu", "--format", "json"});
  EXPECT_EQ(done.exit, 1);
  const Json json = Json::parse(done.out, nullptr, false);
  EXPECT_EQ(json["verdict"], "fails");
  EXPECT_THAT(json["failure"]["reason"].get<std::string>(), HasSubstr("not quantised"));
  EXPECT_EQ(
      run(edgescope_program(), {"check", EDGESCOPE_SOURCE_DIR "/examples/digits/digits.onnx", "--target", "edgetpu"})
          .exit,
      1);
}

TEST(Check, UsageAndInput) {
  EXPECT_EQ(run(edgescope_program(), {"check", kInt8}).exit, 2);
  EXPECT_EQ(run(edgescope_program(), {"check", kInt8, "--target", "toaster"}).exit, 2);
  EXPECT_EQ(run(edgescope_program(), {"check", kInt8, "--target", "edgetpu", "--compiler", "17"}).exit, 2);
  EXPECT_EQ(run(edgescope_program(), {"check", "/nowhere.tflite", "--target", "edgetpu"}).exit, 3);
  EXPECT_EQ(run(edgescope_program(), {"check", kInt8, "--target", "edgetpu", "--compiled", kInt8}).exit, 3);
  EXPECT_EQ(run(edgescope_program(), {"predict", kFloat, "--target", "edgetpu"}).exit, 3);
}

TEST(Check, AModelThatDoesNotRunInTheInterpreter) {
  EDGESCOPE_MODEL_OR_SKIP(model, "invalid/model_invoking_error.tflite");
  const Finished done = run(edgescope_program(), {"check", model, "--target", "edgetpu", "--format", "json"});
  EXPECT_EQ(done.exit, 1);
  EXPECT_EQ(Json::parse(done.out)["operators"][0]["verdict"], "rejected");
}

TEST(Predict, SourceAndCompiled) {
  EDGESCOPE_MODEL_OR_SKIP(source, "cpu/mobilenet_v1_0.25_128_quant.tflite");
  EDGESCOPE_MODEL_OR_SKIP(compiled, "edgetpu/mobilenet_v1_0.25_128_quant_edgetpu.tflite");
  const Finished from_source = run(edgescope_program(), {"predict", source, "--target", "edgetpu", "--format", "json"});
  const Finished from_compiled =
      run(edgescope_program(), {"predict", compiled, "--target", "edgetpu", "--source", source, "--format", "json"});
  ASSERT_EQ(from_source.exit, 0) << from_source.err;
  ASSERT_EQ(from_compiled.exit, 0) << from_compiled.err;
  const Json before = Json::parse(from_source.out), after = Json::parse(from_compiled.out);
  EXPECT_EQ(before["from"], "source");
  EXPECT_EQ(after["from"], "compiled");
  EXPECT_LT(after["interval_us"][1].get<double>() - after["interval_us"][0].get<double>(),
            before["interval_us"][1].get<double>() - before["interval_us"][0].get<double>());
  // Published: 0.9 ms on a desktop's USB 3.
  EXPECT_LE(after["interval_us"][0], 900);
  EXPECT_GE(after["interval_us"][1], 900);
}

}  // namespace
}  // namespace edgescope::testing_support
