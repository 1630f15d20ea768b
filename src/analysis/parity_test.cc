#include "analysis/parity.h"

#include <gtest/gtest.h>

namespace edgescope::analysis {
namespace {

TEST(Parity, WithoutRuntimesThereIsNothingToSay) {
  const base::Json json = parity({.model = "none.tflite", .runtimes = {}});
  EXPECT_TRUE(json["reference"].is_null());
  EXPECT_TRUE(json["pairs"].empty());
  EXPECT_FALSE(json.contains("agreement"));
}

TEST(Parity, WhatDiffersIsAFinding) {
  const base::Json json = base::Json::parse(R"({"reference":"litert","pairs":[
    {"on":"tflite","outputs":[{"name":"a","agreement":"close"},{"name":"b","agreement":"differs"}]},{"on":"x","outputs":[]}]})");
  const auto findings = parity_findings(json);
  ASSERT_EQ(findings.size(), 1u);
  EXPECT_EQ(findings[0].kind->id, "predictions-differ");
  EXPECT_EQ(findings[0].where, "output `b` of tflite against litert");
  EXPECT_EQ(findings[0].cost.basis, Basis::Measured);
  EXPECT_TRUE(parity_findings(nullptr).empty());
}

// Every runtime that set-up brings, on the project's own quantised network.
TEST(Parity, RuntimesAgreeOnTheExampleNetwork) {
  const auto runtimes = runtime::installed();
  if (runtimes.size() < 2) GTEST_SKIP() << "fewer than two runtimes are installed: run `make setup`";
  ParityRequest request{.model = EDGESCOPE_SOURCE_DIR "/examples/digits/digits_int8.tflite",
                        .runtimes = runtimes,
                        .rows = 8,
                        .worker = EDGESCOPE_BINARY_DIR "/edgescope-worker"};
  std::vector<std::string> asked;
  request.started = [&](const std::string& on) {
    asked.push_back(on);
    return true;
  };
  const base::Json json = parity(request);
  EXPECT_EQ(asked.size(), runtimes.size());
  EXPECT_EQ(json["reference"], asked.front());
  EXPECT_EQ(json["rows"], 8);
  ASSERT_EQ(json["pairs"].size(), runtimes.size() - 1);
  for (const base::Json& pair : json["pairs"]) {
    ASSERT_TRUE(pair["valid"].get<bool>()) << pair.dump();
    ASSERT_EQ(pair["outputs"].size(), 1u);
    EXPECT_EQ(pair["outputs"][0]["values"], 80);
    EXPECT_TRUE(pair["outputs"][0].contains("top1_agreement"));
    // TFLite 2.9 does not know weights of fully connected operators that are quantised by channel.
    if (std::string(pair["on"]).starts_with("tflite")) continue;
    EXPECT_NE(pair["agreement"], "differs") << pair.dump();
  }
  EXPECT_EQ(parity(request), json) << "the same seed gives the same answer";
}

TEST(Parity, ARuntimeThatCannotReadTheModelSaysWhy) {
  const auto litert = runtime::find("litert"), openvino = runtime::find("openvino:CPU");
  if (!litert || !openvino) GTEST_SKIP() << "LiteRT and OpenVINO are needed: run `make setup`";
  const base::Json json = parity({.model = EDGESCOPE_SOURCE_DIR "/examples/digits/digits.onnx",
                                  .runtimes = {*litert, *openvino},
                                  .rows = 2,
                                  .worker = EDGESCOPE_BINARY_DIR "/edgescope-worker"});
  EXPECT_EQ(json["reference"], "openvino:CPU");
  ASSERT_EQ(json["pairs"].size(), 1u);
  EXPECT_EQ(json["pairs"][0]["on"], "litert");
  EXPECT_FALSE(json["pairs"][0]["reason"].get<std::string>().empty());
  EXPECT_FALSE(json.contains("agreement"));
}

}  // namespace
}  // namespace edgescope::analysis
