#include "report/views/analyze_forest.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>

namespace edgescope::report {
namespace {

using base::Json;
using ::testing::HasSubstr;

// The document that the browser tests show, too.
Json sample() { return Json::parse(std::ifstream(EDGESCOPE_SOURCE_DIR "/tests/browser/forest.json")); }

TEST(AnalyzeForestView, VerdictFirstThenProgramsThenTheForest) {
  const Json document = sample();
  const std::string text = render(document, analyze_forest_view, OutputFormat::Text, {});
  const auto at = [&](const std::string& what) {
    const std::size_t found = text.find(what);
    EXPECT_NE(found, std::string::npos) << what;
    return found;
  };
  EXPECT_LT(at(document["summary"]["headline"]), at("Every program on every target"));
  EXPECT_LT(at("Every program on every target"), at("Predictions against the forest itself"));
  EXPECT_LT(at("Predictions against the forest itself"), at("(published)\n"));
  EXPECT_LT(at("(published)\n"), at("The forest\n"));
  for (const Json& program : document["programs"])
    if (program["runs"] == false) {
      EXPECT_THAT(text, HasSubstr("does not run: " + program["reason"].get<std::string>()));
    }
}

TEST(AnalyzeForestView, CsvIsOneLineAProgram) {
  const Json document = sample();
  const std::string csv = render(document, analyze_forest_view, OutputFormat::Csv, {});
  EXPECT_EQ(static_cast<std::size_t>(std::count(csv.begin(), csv.end(), '\n')), document["programs"].size() + 1);
}

}  // namespace
}  // namespace edgescope::report
