// `edgescope inspect` of tree ensembles, as its users run it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "base/json.h"
#include "support/run.h"

namespace edgescope::testing_support {
namespace {

using base::Json;
using ::testing::HasSubstr;

const std::string kExamples = EDGESCOPE_SOURCE_DIR "/examples/forests/";
const std::string kData = EDGESCOPE_SOURCE_DIR "/tests/data/";

Finished inspect(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), "inspect");
  return run(edgescope_program(), arguments);
}

Json forest(const std::string& path) {
  const Finished done = inspect({path, "--format", "json"});
  EXPECT_EQ(done.exit, 0) << done.err;
  return Json::parse(done.out)["forest"];
}

TEST(InspectForest, Examples) {
  const Json breast = forest(kExamples + "breast_cancer.treelite");
  EXPECT_EQ(breast["format"], "treelite");
  EXPECT_EQ(breast["totals"]["trees"], 20);
  EXPECT_EQ(breast["totals"]["depth"], 6);
  EXPECT_EQ(breast["features"], 30);
  EXPECT_EQ(breast["aggregate"], "average");
  const Json wine = forest(kExamples + "wine.ubj");
  EXPECT_EQ(wine["format"], "xgboost");
  EXPECT_EQ(wine["totals"]["trees"], 60);
  EXPECT_EQ(wine["columns"], 3);
  EXPECT_EQ(wine["precision"]["input"], "float32");
  EXPECT_EQ(forest(kExamples + "diabetes.txt")["features_used"][0]["name"], "age");
}

TEST(InspectForest, TextIsForPeople) {
  const Finished done = inspect({kExamples + "digits.treelite"});
  EXPECT_EQ(done.exit, 0) << done.err;
  EXPECT_THAT(done.out, HasSubstr("50, at most 7 deep"));
  EXPECT_THAT(done.out, HasSubstr("As a tensor program"));
  EXPECT_THAT(done.out, HasSubstr("ptt"));
}

TEST(InspectForest, AGraphIsShownWithTheEnsembleInIt) {
  const Finished done = inspect({kData + "onnx_trees/sklearn_rf_words.onnx", "--format", "json"});
  const Json json = Json::parse(done.out);
  EXPECT_EQ(json["forest"]["labels"][0], "high");
  EXPECT_EQ(json["model"]["totals"]["operators"], 3);
}

TEST(InspectForest, AGraphWhoseEnsembleIsNotReadIsStillShown) {
  const Finished done = inspect({kData + "onnx_trees/refused_normalizer.onnx", "--format", "json"});
  EXPECT_EQ(done.exit, 0) << done.err;
  const Json json = Json::parse(done.out);
  EXPECT_FALSE(json.contains("forest"));
  EXPECT_THAT(json["forest_reason"].get<std::string>(), HasSubstr("Normalizer"));
}

TEST(InspectForest, WhatIsNotSupportedIsNamed) {
  const Finished done = inspect({kData + "lightgbm/refused_linear.txt"});
  EXPECT_EQ(done.exit, 3);
  EXPECT_THAT(done.err, HasSubstr("a linear model in the leaves"));
}

TEST(InspectForest, OtherCommandsSayWhatTheFileIs) {
  const Finished done = run(edgescope_program(), {"bench", kExamples + "wine.ubj"});
  EXPECT_EQ(done.exit, 3);
  EXPECT_THAT(done.err, HasSubstr("It is a tree ensemble and no graph"));
}

}  // namespace
}  // namespace edgescope::testing_support
