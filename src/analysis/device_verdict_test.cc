#include "analysis/device_verdict.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace edgescope::analysis {
namespace {

using base::Json;
using ::testing::HasSubstr;

Json fix(const char* target, bool whole, const Json& us) {
  return {{"target", target},
          {"whole", whole},
          {"predicted_us", us},
          {"rewrites", Json::array()},
          {"conversion", nullptr},
          {"file", whole ? Json("m.tflite") : Json()},
          {"route", whole ? Json() : Json("Quantise it.")}};
}

const Json kRun = {{"on", "litert"}, {"valid", true}, {"median_us", 100}, {"interval_us", {95, 105}}};

std::string sentences(const Json& document, const Json& verdict) {
  std::string all;
  for (const std::string& sentence : device_sentences(document, verdict)) all += sentence + "\n";
  return all;
}

TEST(DeviceVerdict, ADeviceIsTakenWhereItsWholeIntervalLiesBelow) {
  Json document = {{"input", "m.tflite"}, {"fixes", Json::array({fix("edgetpu", true, {50, 90})})}};
  Json verdict = device_verdict(document, &kRun);
  EXPECT_EQ(verdict["device"], "edgetpu");
  EXPECT_EQ(verdict["file"], "m.tflite");
  EXPECT_EQ(verdict["rivals"][0]["against_cpu"], "faster");
  EXPECT_EQ(device_headline(verdict), "; the Edge TPU is predicted faster, 50.00 us to 90.00 us");

  document["fixes"][0]["predicted_us"] = {50, 99};
  verdict = device_verdict(document, &kRun);
  EXPECT_EQ(verdict["device"], "cpu");
  EXPECT_EQ(verdict["rivals"][0]["against_cpu"], "not decided");
  EXPECT_THAT(device_headline(verdict), HasSubstr("may be faster"));

  document["fixes"][0]["predicted_us"] = {106, 200};
  verdict = device_verdict(document, &kRun);
  EXPECT_EQ(verdict["rivals"][0]["against_cpu"], "slower");
  EXPECT_EQ(device_headline(verdict), "");
  EXPECT_THAT(sentences(document, verdict),
              HasSubstr("Take this CPU with `litert` and the file as it is, `m.tflite`: "
                        "95.00 us to 105.0 us an inference (measured, 95 % confidence)."));
  EXPECT_THAT(sentences(document, verdict), HasSubstr("The Edge TPU takes all of it as it is: 106.0 us to 200.0 us"));
}

TEST(DeviceVerdict, TheCpuIsNoRivalOfItselfAndSaysWhatItsRewritesGain) {
  Json document = {{"input", "m.tflite"},
                   {"fixes", Json::array({fix("edgetpu", false, nullptr), fix("cpu", true, nullptr)})}};
  Json& cpu = document["fixes"][1];
  cpu["rewrites"] = {1, 2};
  cpu["measured"] = {{"on", "litert"}, {"verdict", "faster"}, {"ratio", 0.8}};
  const Json verdict = device_verdict(document, &kRun);
  EXPECT_EQ(verdict["rivals"].size(), 1u);
  EXPECT_THAT(sentences(document, verdict),
              HasSubstr("On this CPU 2 rewrites make it 20 % faster (measured on `litert`, with `m.tflite`)."));
  cpu["measured"]["verdict"] = "no difference shown";
  EXPECT_THAT(sentences(document, verdict), HasSubstr("On this CPU 2 rewrites: no difference shown (measured"));
}

TEST(DeviceVerdict, WhatADeviceDoesNotTakeWholeIsNoRivalAndHasItsRoute) {
  const Json document = {{"input", "m.onnx"}, {"fixes", Json::array({fix("edgetpu", false, {1, 2})})}};
  const Json verdict = device_verdict(document, &kRun);
  EXPECT_EQ(verdict["device"], "cpu");
  EXPECT_TRUE(verdict["rivals"][0]["us"].is_null()) << "a prediction without the CPU's part is none of the whole";
  EXPECT_THAT(sentences(document, verdict), HasSubstr("The Edge TPU does not take all of it. Quantise it."));
}

TEST(DeviceVerdict, WhatWasDoneIsSaid) {
  Json document = {{"input", "m.onnx"}, {"fixes", Json::array({fix("ncs2", true, {1000, 2000})})}};
  document["fixes"][0]["conversion"] = {{"proof", nullptr}};
  document["fixes"][0]["rewrites"] = {1, 2};
  EXPECT_THAT(sentences(document, device_verdict(document, &kRun)),
              HasSubstr("The NCS2 takes all of it, converted and with 2 rewrites (proven, see What to fix)"));
}

// Of a model that goes as it is, the compiler was asked by `check`.
TEST(DeviceVerdict, TheChecksPredictionCountsForAModelThatGoesAsItIs) {
  Json document = {{"input", "m.onnx"}, {"fixes", Json::array({fix("ncs2", true, nullptr)})}};
  document["check"] = Json::parse(R"([{"target":"ncs2","prediction":{"interval_us":[10,20]}}])");
  EXPECT_EQ(device_verdict(document, &kRun)["device"], "ncs2");
  document["fixes"][0]["rewrites"] = Json::array({1});
  EXPECT_EQ(device_verdict(document, &kRun)["device"], "cpu");
}

TEST(DeviceVerdict, NothingKnownIsNull) {
  const Json document = {{"input", "m.onnx"}, {"fixes", Json::array({fix("edgetpu", false, nullptr)})}};
  EXPECT_TRUE(device_verdict(document, nullptr).is_null());
}

}  // namespace
}  // namespace edgescope::analysis
