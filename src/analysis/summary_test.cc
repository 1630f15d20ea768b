#include "analysis/summary.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace edgescope::analysis {
namespace {

using base::Json;
using ::testing::HasSubstr;
using ::testing::Not;

Json document(const char* runs) {
  Json json =
      Json::parse(R"({"model":{"format":"tflite","totals":{"operators":66,"parameters":3550000,"macs":300774272},
    "types":[{"type":"u8","bytes":3400000},{"type":"i32","bytes":4000}]},"findings":[]})");
  json["runs"] = Json::parse(runs);
  json["comparison"] = nullptr;
  if (json["runs"].size() > 2)
    json["comparison"] = Json::parse(R"({"fastest":"openvino:CPU","confidence":0.95,"against_fastest":[
      {"on":"litert","verdict":"slower","ratio":1.34,"ratio_interval":[1.3,1.38]}]})");
  return json;
}

std::string points(const Json& summary) {
  std::string all;
  for (const Json& point : summary["points"]) all += point.get<std::string>() + "\n";
  return all;
}

constexpr const char* kThree = R"([
  {"on":"litert","valid":true,"median_us":6700,"interval_us":[6600,6800]},
  {"on":"openvino:CPU","valid":true,"median_us":5000,"interval_us":[4900,5100],"confidence":0.95,"processes":5,"samples":400,
   "runtime":{"version":"2026.4","kernels":"onednn","precision":"u8","threads":1}},
  {"on":"tflite+xnnpack","valid":false,"reason":"refused"}])";

TEST(Summary, NamesTheFastestAndWhoLost) {
  const Json summary = summarise(document(kThree));
  EXPECT_EQ(summary["fastest"], "openvino:CPU");
  EXPECT_EQ(summary["headline"], "5.00 ms an inference on this CPU with openvino:CPU, the fastest of 2 runtimes");
  const std::string text = points(summary);
  EXPECT_THAT(text, HasSubstr("A TFLite model of 66 operators: 3.55 M parameters (weights mostly u8), 300.8 M "
                              "multiply-accumulates an inference (exact)."));
  EXPECT_THAT(text, HasSubstr("`openvino:CPU` 2026.4 with 1 thread, onednn kernels, precision u8; the median lies "
                              "between 4.90 ms and 5.10 ms (95 %, 5 processes, 400 inferences) (measured)."));
  EXPECT_THAT(text, HasSubstr("Slower: `litert` 1.34 times as long [1.30, 1.38] (measured)."));
  EXPECT_THAT(text, HasSubstr("`tflite+xnnpack` did not run"));
}

TEST(Summary, AnInvalidFigureIsSaid) {
  Json json = document(kThree);
  json["runs"][1]["valid"] = false;
  json["runs"][1]["reason"] = "the halves of the run drifted apart";
  EXPECT_THAT(points(summarise(json)), HasSubstr("not to be relied on: the halves of the run drifted apart."));
  json["comparison"]["fastest"] = "litert";
  json["comparison"]["against_fastest"][0]["on"] = "openvino:CPU";
  EXPECT_THAT(points(summarise(json)), HasSubstr("`openvino:CPU` 1.34 times as long [1.30, 1.38] (not valid)"));
}

TEST(Summary, NoDifferenceShownIsSaid) {
  Json json = document(kThree);
  json["comparison"]["against_fastest"][0]["verdict"] = "no difference shown";
  EXPECT_THAT(points(summarise(json)), HasSubstr("No difference is shown to `litert` (measured)."));
  EXPECT_THAT(summarise(json)["headline"].get<std::string>(), HasSubstr("among the fastest of 2 runtimes"));
}

TEST(Summary, WorkThatNobodyKnowsIsNotZero) {
  Json json = document("[]");
  json["model"]["totals"]["macs"] = 0;
  json["model"]["totals"]["operators_without_macs"] = 7;
  EXPECT_THAT(points(summarise(json)), HasSubstr("of unknown work, since the file holds no shapes"));
}

TEST(Summary, NothingInstalledAndNothingRan) {
  EXPECT_THAT(summarise(document("[]"))["headline"].get<std::string>(), HasSubstr("no runtime is installed"));
  const Json none = summarise(document(R"([{"on":"litert","valid":false,"reason":"signal 11"}])"));
  EXPECT_TRUE(none["fastest"].is_null());
  EXPECT_THAT(points(none), HasSubstr("`litert`: signal 11"));
}

TEST(Summary, Agreement) {
  Json json = document(kThree);
  json["parity"] = Json::parse(R"({"reference":"tflite","agreement":"close","pairs":[
    {"on":"litert","valid":true,"agreement":"close","outputs":[{"range":[0,10],"max_abs":0.1,"max_steps":1,"not_finite":0,"top1_agreement":1}]},
    {"on":"openvino:CPU","valid":true,"agreement":"differs","outputs":[{"range":[0,10],"max_abs":0.2,"max_steps":2,"not_finite":0,"top1_agreement":0.9375}]},
    {"on":"x","valid":false,"outputs":[]}]})");
  const Json summary = summarise(json);
  EXPECT_EQ(summary["agreement"], "close");
  EXPECT_THAT(
      points(summary),
      HasSubstr(
          "Predictions against `tflite`: `litert` is close (at most 1 quantisation steps, top-1 equal for 100 %); "
          "`openvino:CPU` differs (at most 2 quantisation steps, top-1 equal for 94 %) (measured)."));
  EXPECT_THAT(summary["headline"].get<std::string>(), HasSubstr("; but its predictions differ"));
}

TEST(Summary, ACompiledModelIsWhatItMoves) {
  Json json = document("[]");
  json["edgetpu"] = Json::parse(
      R"({"operators":[{}],"cpu_operators":[{},{}],"cached_parameter_bytes":2048,"streamed_parameter_bytes":64,
    "per_inference":{"instructions":1000,"input":20,"parameters":64,"output":4},"first_inference":{"instructions":1000,"parameters":2112}})");
  const Json summary = summarise(json);
  EXPECT_EQ(summary["headline"],
            "Compiled for the Edge TPU: 1.06 KiB over the link at every inference; not measured on the CPU, where it "
            "cannot run");
  const std::string text = points(summary);
  EXPECT_THAT(
      text,
      HasSubstr(
          "1 Edge TPU operator and 2 operators on the CPU; 2.00 KiB of parameters stay on the chip, 64 B are sent"));
  EXPECT_THAT(
      text,
      HasSubstr(
          "1000 B of instructions, 20 B of input, 64 B of parameters, 4 B of output; the first one 3.04 KiB (exact)."));
  EXPECT_THAT(text, Not(HasSubstr("make setup")));
  EXPECT_THAT(text, Not(HasSubstr("TFLite model of")));
}

TEST(Summary, BytesCountedOnASimulatedStickAreNoFailure) {
  const Json alone = summarise(document(R"([{"on":"edgetpu:virtual","valid":true,"basis":"exact","usb":{}}])"));
  EXPECT_THAT(alone["headline"].get<std::string>(), HasSubstr("simulated stick"));
  EXPECT_FALSE(alone.contains("remedy"));
  EXPECT_THAT(points(alone), ::testing::Not(HasSubstr("did not run")));
}

}  // namespace
}  // namespace edgescope::analysis
