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
