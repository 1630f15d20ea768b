#include "analysis/forest_verdict.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "forest/test_forests.h"

namespace edgescope::analysis {
namespace {

using base::Json;
using ::testing::HasSubstr;
using ::testing::Not;

Json program(const char* target, const Json& on, const char* strategy, int batch, double low, double high) {
  const bool cpu = std::string(target) == "cpu";
  return {{"target", target},
          {"on", on},
          {"strategy", strategy},
          {"batch", batch},
          {"format", "tflite"},
          {"runs", true},
          {"reason", nullptr},
          {"row_us", {low, high}},
          {"basis", cpu ? "measured" : "predicted"},
          {"rests_on", cpu ? "5 processes, 100 runs" : "link law over usb3"}};
}

Json document(const std::vector<Json>& list) {
  const Json programs = list;
  Json json = {{"programs", programs},
               {"forest", Json::parse(R"({"format":"xgboost","features":9,"totals":{"trees":100,"depth":8,"nodes":9,
                 "leaves":109,"used_features":8}})")},
               {"exactness", nullptr},
               {"bound", nullptr}};
  json["verdicts"] = forest_verdicts(programs, "a/f.ubj");
  json["peers"] = forest_peers(json["forest"]);
  json["summary"] = summarise_forest(json);
  return json;
}

std::string points(const Json& json) {
  std::string all;
  for (const Json& point : json["summary"]["points"]) all += point.get<std::string>() + "\n";
  return all;
}

TEST(ForestVerdict, TheFastestOnTheCpuUnlessADeviceIsSurelyFaster) {
  const Json cpu = program("cpu", "litert", "ptt", 1, 10, 11), slow = program("cpu", "tflite", "exact", 1, 20, 21);
  const Json best = document({slow, cpu, program("edgetpu", nullptr, "exact", 1, 5, 12)})["verdicts"][0];
  EXPECT_EQ(best["device"], "cpu");
  EXPECT_EQ(best["on"], "litert");
  EXPECT_EQ(best["rivals"][0]["verdict"], "not decided") << "the intervals meet";
  const Json won = document({slow, cpu, program("edgetpu", nullptr, "exact", 1, 5, 9)})["verdicts"][0];
  EXPECT_EQ(won["device"], "edgetpu");
  EXPECT_EQ(won["rivals"][0]["verdict"], "faster");
  EXPECT_THAT(won["command"].get<std::string>(),
              HasSubstr("--target edgetpu --strategy exact --batch 1 -o f_edgetpu_1.tflite"));
}

TEST(ForestVerdict, WhatIsNotValidStandsBehindWhatIs) {
  Json doubtful = program("cpu", "litert", "ptt", 1, 1, 2);
  doubtful["valid"] = false;
  EXPECT_EQ(document({doubtful, program("cpu", "tflite", "tt", 1, 5, 6)})["verdicts"][0]["on"], "tflite");
  EXPECT_THAT(points(document({doubtful})), HasSubstr("not settled"));
}

TEST(ForestVerdict, ItIsSaidWhereANativeTreeKernelWins) {
  // Published at 100 trees of depth 8: 7 us for one row, 6.07 us a row of 1000.
  EXPECT_THAT(points(document({program("cpu", "litert", "ptt", 1, 70, 70)})),
              HasSubstr("One row at a time: a native tree kernel (ONNX Runtime 1.31 TreeEnsemble, 7.00 us a row on a "
                        "forest of 100 trees of depth 8 on another "
                        "machine, published) beats every tensor program here, by a factor of about 10.0."));
  EXPECT_THAT(points(document({program("cpu", "litert", "ptt", 1, 8, 8)})), HasSubstr("about as fast"));
  EXPECT_THAT(points(document({program("cpu", "litert", "ptt", 1000, 2, 2)})), HasSubstr("is slower than the best"));
}

TEST(ForestVerdict, LleavesReadsLightGbmOnly) {
  Json forest = {{"format", "lightgbm"}, {"totals", {{"trees", 90}, {"depth", 8}}}};
  EXPECT_THAT(forest_peers(forest).dump(), HasSubstr("lleaves"));
  forest["format"] = "xgboost";
  EXPECT_THAT(forest_peers(forest).dump(), Not(HasSubstr("lleaves")));
}

TEST(ForestVerdict, ABoundBelowTheCpuIsSaid) {
  const auto ensemble = forest::test::random_forest({.trees = 10, .depth = 6, .perfect = true});
  const std::vector<Json> programs = {program("cpu", "litert", "ptt", 1000, 2, 2),
                                      program("edgetpu", nullptr, "exact", 1000, 5, 20)};
  Json json = document(programs);
  json["bound"] = forest_bound(ensemble, programs);
  EXPECT_EQ(json["bound"]["cpu_rows_per_second"], 500000);
  EXPECT_EQ(json["bound"]["predicted_rows_per_second"], Json::parse("[50000.0, 200000.0]"));
  EXPECT_EQ(json["bound"]["below_cpu"], true);
  EXPECT_NEAR(json["bound"]["peak_rows_per_second"].get<double>() * json["bound"]["macs_per_row"].get<double>(), 2e12,
              1e6);
  json["summary"] = summarise_forest(json);
  EXPECT_THAT(points(json), HasSubstr("it cannot pay for speed"));
}

TEST(ForestVerdict, LeavesThatDifferNameTheProgramThatLosesNone) {
  Json json = document({program("cpu", "litert", "ptt", 1, 2, 2), program("cpu", "tflite", "exact", 1, 3, 3)});
  json["exactness"] = {
      {"rows", 10},
      {"runs",
       {{{"on", "litert"}, {"strategy", "ptt"}, {"valid", true}, {"leaf_mismatches", 4}, {"leaves", 90}},
        {{"on", "tflite"}, {"strategy", "exact"}, {"valid", true}, {"leaf_mismatches", 0}, {"leaves", 90}}}}};
  json["summary"] = summarise_forest(json);
  EXPECT_THAT(points(json), HasSubstr("no leaf differs: exact in `tflite`; leaves differ: ptt in `litert` 4 of 90"));
  EXPECT_THAT(points(json), HasSubstr("take the exact program: 3.00 us a row alone in `tflite`"));
}

TEST(ForestVerdict, NothingThatRunsIsSaid) {
  Json refused = program("edgetpu", nullptr, "ptt", 1, 1, 1);
  refused["runs"] = false;
  refused["reason"] = "it compares";
  refused["row_us"] = nullptr;
  const Json json = document({refused});
  EXPECT_TRUE(json["verdicts"].empty());
  EXPECT_THAT(json["summary"]["headline"].get<std::string>(), HasSubstr("No program"));
  EXPECT_THAT(points(json), HasSubstr("on the Edge TPU ptt (it compares)"));
}

}  // namespace
}  // namespace edgescope::analysis
