// What the readers and the evaluator make of files that the training libraries wrote (tests/data/make_forests.py),
// held against what those libraries predict. All rows of a file are compared, thresholds and their neighbours among
// them; a row that took another leaf differs by far more than what is allowed here.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <map>

#include "base/npy.h"
#include "forest/evaluator.h"
#include "format/read_forest.h"

namespace edgescope::forest {
namespace {

namespace fs = std::filesystem;

const fs::path kData = fs::path(EDGESCOPE_SOURCE_DIR) / "tests/data";

// How many floating-point numbers lie between two.
template <typename T, typename Bits>
std::int64_t ulps_in(T a, T b) {
  const auto order = [](T x) {
    Bits bits;
    std::memcpy(&bits, &x, sizeof bits);
    return bits < 0 ? std::numeric_limits<Bits>::min() - bits : bits;
  };
  if (std::isnan(a) || std::isnan(b))
    return std::isnan(a) == std::isnan(b) ? 0 : std::numeric_limits<std::int64_t>::max();
  return std::abs(static_cast<std::int64_t>(order(a)) - static_cast<std::int64_t>(order(b)));
}

std::int64_t ulps(Precision precision, double a, double b) {
  return precision == Precision::Float32 ? ulps_in<float, std::int32_t>(static_cast<float>(a), static_cast<float>(b))
                                         : ulps_in<double, std::int64_t>(a, b);
}

struct Compared {
  std::size_t values = 0;
  std::int64_t most_ulps = 0;
  double most = 0;  // absolute
};

Compared compare(const fs::path& model, const std::string& predictions = ".expected.npy") {
  Compared compared;
  const auto forest = format::read_forest(model.string());
  if (!forest) {
    ADD_FAILURE() << forest.error().message();
    return compared;
  }
  const std::string stem = (model.parent_path() / model.stem()).string();
  const auto rows = base::read_npy(stem + ".rows.npy"), expected = base::read_npy(stem + predictions);
  if (!rows || !expected) {
    ADD_FAILURE() << (rows ? expected : rows).error().message();
    return compared;
  }
  const Ensemble& ensemble = forest->ensemble;
  EXPECT_EQ(expected->columns(), static_cast<std::uint64_t>(ensemble.columns())) << model;
  EXPECT_EQ(rows->columns(), static_cast<std::uint64_t>(ensemble.features)) << model;

  for (std::size_t i = 0; i < rows->rows(); ++i) {
    const Evaluation got = evaluate(ensemble, std::span(rows->values).subspan(i * rows->columns(), rows->columns()));
    for (std::size_t k = 0; k < got.result.size(); ++k) {
      const double want = expected->values[i * expected->columns() + k];
      ++compared.values;
      compared.most_ulps = std::max(compared.most_ulps, ulps(ensemble.result, got.result[k], want));
      if (!std::isnan(want)) compared.most = std::max(compared.most, std::abs(got.result[k] - want));
    }
  }
  return compared;
}

// Every model of a folder but those that are refused: the same bits, or as near as is said of a file.
void hold(const char* folder, std::size_t files, const std::map<std::string, double>& within = {}) {
  std::size_t seen = 0;
  for (const auto& entry : fs::directory_iterator(kData / folder)) {
    const fs::path& path = entry.path();
    if (path.extension() == ".npy" || path.filename().string().starts_with("refused")) continue;
    ++seen;
    const Compared compared = compare(path);
    EXPECT_GT(compared.values, 0u) << path;
    const auto allowed = within.find(path.filename().string());
    if (allowed == within.end())
      EXPECT_EQ(compared.most_ulps, 0) << path << ", by " << compared.most;
    else
      EXPECT_LE(compared.most, allowed->second) << path;
  }
  EXPECT_EQ(seen, files);
}

TEST(Libraries, XgboostIsEqualBitForBit) { hold("xgboost", 27); }

TEST(Libraries, LightgbmIsEqualBitForBit) { hold("lightgbm", 26); }

TEST(Libraries, TreeliteIsEqualBitForBit) {
  hold("treelite", 28,
       {// Treelite computes softmax in float32 whatever the rest is in.
        {"post_softmax.treelite", 3e-8},
        {"gradient_boosting_classes.treelite", 3e-8},
        // scikit-learn's own prediction; the import divides each leaf by its sum, which is not quite 1.
        {"rf_classes.treelite", 1.2e-16}});
}

// ONNX Runtime has its own logistic, 1 / (1 + exp(-|x|)) or one less that, and its own softmax.
TEST(Libraries, OnnxRuntimeIsEqualButForItsTranscendentalFunctions) {
  constexpr double kTwoUlps = 1.2e-7;  // of what is near 1
  std::map<std::string, double> within;
  for (const char* name : {"sklearn_boosting", "sklearn_boosting_classes", "binary_positive_logistic", "xgboost_binary",
                           "xgboost_classes", "logistic", "binary_logistic", "normalizer_l2", "labels",
                           "double_classifier", "lightgbm_binary", "lightgbm_classes", "lightgbm_plain", "softmax"})
    within[std::string(name) + ".onnx"] = kTwoUlps;
  // Members are summed in float32 there, one by one; here all trees are, in float64.
  for (const char* name :
       {"bagging", "bagging_features", "columns", "count_poisson", "exponential", "hist_classes", "lightgbm_split",
        "one_to_rest", "one_to_rest_forests", "two_targets", "voting", "voting_regressor"})
    within["composed_" + std::string(name) + ".onnx"] = 2.5e-7;
  hold("onnx_trees", 56, within);
}

TEST(Libraries, ExamplesAreEqualBitForBit) {
  for (const char* name : {"breast_cancer.treelite", "digits.treelite", "diabetes.txt", "wine.ubj"}) {
    const Compared compared = compare(fs::path(EDGESCOPE_SOURCE_DIR) / "examples/forests" / name, ".predictions.npy");
    EXPECT_GT(compared.values, 0u) << name;
    EXPECT_EQ(compared.most_ulps, 0) << name << ", by " << compared.most;
  }
}

TEST(Libraries, WhatIsNotSupportedIsNamed) {
  const std::map<std::string, std::string> files = {
      {"xgboost/refused_gblinear.json", "the booster `gblinear`, which edgescope does not support"},
      {"lightgbm/refused_linear.txt",
       "a linear model in the leaves (`is_linear` of tree 0), which edgescope does not support"},
      {"onnx_trees/refused_normalizer.onnx",
       "the operator `ai.onnx.ml:Normalizer` in front of the ensemble, which edgescope does not support"},
      {"onnx_trees/refused_log.onnx", "the operator `Log` behind the ensemble, which edgescope does not support"}};
  for (const auto& [name, what] : files) {
    const auto forest = format::read_forest((kData / name).string());
    ASSERT_FALSE(forest) << name;
    EXPECT_EQ(forest.error().what, what);
    EXPECT_EQ(forest.error().fault, base::Fault::input);
  }
}

}  // namespace
}  // namespace edgescope::forest
