#include "report/views/analyze.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

namespace edgescope::report {
namespace {

using base::Json;
using ::testing::HasSubstr;
using ::testing::Not;

// The document that the browser tests show, too.
Json sample() { return Json::parse(std::ifstream(EDGESCOPE_SOURCE_DIR "/tests/browser/sample.json")); }

TEST(AnalyzeView, VerdictFirstThenFiguresThenTheModel) {
  const Json document = sample();
  const std::string text = render(document, analyze_view(), OutputFormat::Text, {});
  const auto at = [&](const std::string& what) {
    const std::size_t found = text.find(what);
    EXPECT_NE(found, std::string::npos) << what;
    return found;
  };
  EXPECT_LT(at(document["summary"]["headline"]), at("Latency of an inference (measured)"));
  EXPECT_LT(at("Latency of an inference (measured)"), at("Predictions against tflite on 16 seeded inputs (measured)"));
  EXPECT_LT(at("Predictions against"), at("The model"));
  EXPECT_LT(at("The model"), at(document["findings"][0]["id"]));
  EXPECT_THAT(text, HasSubstr("No predictions of tflite+xnnpack: refused the graph"));
}

TEST(AnalyzeView, WhatToFixWithItsProofOrTheRoute) {
  Json document = sample();
  document["fixes"] = Json::parse(R"([
    {"target":"edgetpu","whole":false,"rewrites":[],"conversion":null,"predicted_us":null,"file":null,"route":"Quantise it."},
    {"target":"ncs2","whole":true,"conversion":null,"predicted_us":[1000,2000],"file":"f/x.xml","route":null,"rewrites":[
      {"id":"comparison","where":["a","b"],"equivalence":"exact",
       "before":{"not_mapped":2,"misreported":0,"transitions":0,"boundary_bytes":0,"streamed_bytes":null,"operators":3},
       "after":{"not_mapped":0,"misreported":0,"transitions":0,"boundary_bytes":0,"streamed_bytes":null,"operators":4},
       "proof":{"on":"openvino:CPU 2026","values":640,"different":0,"max_relative":0}}]}])");
  const std::string text = render(document, analyze_view(), OutputFormat::Text, {});
  EXPECT_THAT(text, HasSubstr("What to fix"));
  EXPECT_THAT(text, HasSubstr("does not take all of it. Quantise it."));
  EXPECT_THAT(text, HasSubstr("takes all of it, 1.00 ms to 2.00 ms (predicted): f/x.xml"));
  EXPECT_THAT(text, HasSubstr("2 operators fewer that the device refuses"));
  EXPECT_THAT(text, HasSubstr("all 640 values the same on openvino:CPU 2026"));
}

TEST(AnalyzeView, CsvIsTheRanking) {
  const std::string csv = render(sample(), analyze_view(), OutputFormat::Csv, {});
  EXPECT_TRUE(csv.starts_with("on,median_us")) << csv;
}

TEST(AnalyzeView, WithoutMeasurementsTheModelIsStillShown) {
  Json document = sample();
  document["runs"] = Json::array();
  document["comparison"] = document["parity"] = nullptr;
  const std::string text = render(document, analyze_view(), OutputFormat::Text, {});
  EXPECT_THAT(text, Not(HasSubstr("Latency of an inference")));
  EXPECT_THAT(text, HasSubstr("The model"));
}

}  // namespace
}  // namespace edgescope::report
