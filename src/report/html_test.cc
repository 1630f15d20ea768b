#include "report/html.h"

#include <gtest/gtest.h>

#include "report/view.h"

namespace edgescope::report {
namespace {

using base::Json;

// The document as a browser finds it: the text of the script element that holds it.
std::string embedded(const std::string& page) {
  const std::string open = R"(<script type="application/json" id="edgescope-document">)";
  const std::size_t start = page.find(open) + open.size();
  return page.substr(start, page.find("</script>", start) - start);
}

TEST(Html, HoldsTheDocument) {
  Json json = document("analyze", "m.tflite");
  json["runs"] = Json::parse(R"([{"on":"null","median_us":0.1}])");
  EXPECT_EQ(Json::parse(embedded(html(json))), json);
}

TEST(Html, NamesCannotEndTheScript) {
  const Json json = document("analyze", "</script><script>alert(1)</script><!-- \xff");
  const std::string page = html(json);
  EXPECT_EQ(page.find("alert(1)</script>"), std::string::npos);
  EXPECT_EQ(Json::parse(embedded(page))["input"], "</script><script>alert(1)</script><!-- \xEF\xBF\xBD");
}

TEST(Html, NeedsNoNetworkAndIsSmall) {
  const std::string page = html(document("analyze", "m.tflite"));
  EXPECT_LT(page.size(), 500'000u);
  for (const char* reference : {"src=\"", "@import", "url(http", "href=\"http"})
    EXPECT_EQ(page.find(reference), std::string::npos) << reference;
  EXPECT_NE(page.find("default-src 'none'"), std::string::npos);
  for (const char* marker : {"@STYLE@", "@CHARTS@", "@SCRIPT@", "@DOCUMENT@", "sourceMappingURL"})
    EXPECT_EQ(page.find(marker), std::string::npos) << marker;
}

Json long_document(int operators) {
  Json json = document("analyze", "m.tflite");
  json["model"] = {{"tensors", Json::array()}, {"operators", Json::array()}};
  json["runs"] = Json::parse(R"([{"on":"x","operators":[]}])");
  for (int i = 0; i < operators; ++i) {
    json["model"]["tensors"].push_back({{"name", std::string(100, 't')}});
    json["model"]["operators"].push_back(
        {{"index", i}, {"name", std::string(60, 'o')}, {"attributes", {{"a", std::string(100, 'a')}}}});
    json["runs"][0]["operators"].push_back({{"name", std::string(60, 'p')}, {"us", i}});
  }
  return json;
}

TEST(Html, ShortDocumentsAreWhole) { EXPECT_EQ(fitted(long_document(10), 100'000), long_document(10)); }

TEST(Html, LongDocumentsLoseWhatMattersLeastAndSayIt) {
  const Json without_tensors = fitted(long_document(100), 30'000);
  EXPECT_FALSE(without_tensors["model"].contains("tensors"));
  EXPECT_TRUE(without_tensors["model"]["operators"][0].contains("attributes"));
  EXPECT_EQ(without_tensors["left_out"].size(), 1u);
  for (std::size_t limit : {15'000u, 8'000u, 2'000u}) {
    const Json cut = fitted(long_document(100), limit);
    EXPECT_LT(base::dump(cut).size(), limit + 500);
    EXPECT_GT(cut["left_out"].size(), 2u);
  }
  const Json cut = fitted(long_document(100), 15'000);
  EXPECT_EQ(cut["runs"][0]["operators"][0]["us"], 99) << "the slowest operators are kept";
  EXPECT_LT(html(long_document(10'000)).size(), 1'500'000u);
}

TEST(Html, WhatADeviceLeavesToTheCpuIsKept) {
  Json json = document("analyze", "m.tflite");
  json["check"] = Json::parse(R"([{"operators":[],"memory":{"layers":[]}}])");
  for (int i = 0; i < 200; ++i) {
    json["check"][0]["operators"].push_back(
        {{"index", i}, {"verdict", i == 150 ? "cpu" : "mapped"}, {"name", std::string(60, 'o')}});
    json["check"][0]["memory"]["layers"].push_back(
        {{"operator", i}, {"stored_bytes", i}, {"name", std::string(60, 'l')}});
  }
  EXPECT_EQ(fitted(json, 100'000), json);
  const Json cut = fitted(json, 10'000);
  ASSERT_EQ(cut["check"][0]["operators"].size(), 1u);
  EXPECT_EQ(cut["check"][0]["operators"][0]["index"], 150);
  EXPECT_LT(cut["check"][0]["memory"]["layers"].size(), 200u);
  EXPECT_EQ(cut["check"][0]["memory"]["layers"][0]["operator"], 199) << "the largest layers are kept";
  EXPECT_EQ(cut["left_out"].size(), 2u);
}

}  // namespace
}  // namespace edgescope::report
