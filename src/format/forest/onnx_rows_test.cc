#include "format/forest/onnx_rows.h"

#include <gmock/gmock.h>

#include <cmath>
#include <limits>

#include "format/forest/onnx.h"
#include "format/forest/test_files.h"
#include "format/onnx/builder_for_test.h"

namespace edgescope::forest {
namespace {

namespace onnx = format::onnx;
using graph::ElementType;

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN(), kInfinity = std::numeric_limits<double>::infinity();

std::string constant(std::string_view name, const std::vector<float>& values) {
  const std::string data(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(float));
  return onnx::test::initializer(onnx::test::tensor(name, 1, {static_cast<std::int64_t>(values.size())}) +
                                 onnx::test::text(onnx::fields::tensor::raw_data, data));
}

// The operator between x [rows, 2] and y, and the constant c.
base::Result<OnnxRows> through(std::string_view kind, const std::vector<float>& c, const std::string& rest = {},
                               ElementType type = ElementType::Float32, std::optional<int> width = 2) {
  const std::string bytes = onnx::test::model(
      (c.empty() ? onnx::test::node(kind, {"x"}, {"y"}, rest) : onnx::test::node(kind, {"x", "c"}, {"y"}, rest)) +
      constant("c", c.empty() ? std::vector<float>{0} : c) + onnx::test::input("x", {-1, 2}) +
      onnx::test::output("y", {-1, 2}));
  const auto model = onnx::test::read_text(bytes);
  EXPECT_TRUE(model) << model.error().message();
  return OnnxRows(type, width).through(*model, model->subgraphs.front().operators.front());
}

// One test of feature 1, as it is asked of the input.
Ensemble asked(const OnnxRows& rows, Comparison comparison, double threshold, bool nan_true = false) {
  Ensemble ensemble;
  ensemble.features = 2;
  ensemble.trees = {{.nodes = {{.feature = 1,
                                .comparison = comparison,
                                .nan_true = nan_true,
                                .threshold = threshold,
                                .on_true = 1,
                                .on_false = 2},
                               {.leaf = 0},
                               {.leaf = 1}},
                     .outputs = {0},
                     .values = {0, 1}}};
  const base::Status done = rows.rewrite(ensemble);
  EXPECT_TRUE(done) << done.error().message();
  return ensemble;
}

bool answer(const Ensemble& ensemble, float x) { return takes_true(ensemble, ensemble.trees[0].nodes[0], x); }

bool compare(Comparison comparison, float x, double threshold) {
  const double y = x;
  return comparison == Comparison::Less        ? y < threshold
         : comparison == Comparison::LessEqual ? y <= threshold
         : comparison == Comparison::Greater   ? y > threshold
                                               : y >= threshold;
}

// Every rounding of the steps is part of the boundary: asked of numbers around it the test answers as if it were
// asked of what they are changed to.
template <typename Change>
void expect_same(const OnnxRows& rows, const Change& change) {
  using enum Comparison;
  for (const Comparison comparison : {Less, LessEqual, Greater, GreaterEqual})
    for (const float threshold : {0.0F, 1.0F, -2.5F, 0.3F, 1e-30F, 3e38F, std::numeric_limits<float>::infinity()}) {
      const Ensemble ensemble = asked(rows, comparison, threshold);
      const auto boundary = static_cast<float>(ensemble.trees[0].nodes[0].threshold);
      std::vector<float> tried = {
          0, 1, -1, 1e30F, -1e30F, static_cast<float>(kInfinity), -static_cast<float>(kInfinity)};
      float below = boundary, above = boundary;
      for (int i = 0; i < 20; ++i) {
        tried.insert(tried.end(), {below, above});
        below = std::nextafter(below, -std::numeric_limits<float>::infinity());
        above = std::nextafter(above, std::numeric_limits<float>::infinity());
      }
      for (const float x : tried)
        EXPECT_EQ(answer(ensemble, x), compare(comparison, change(x), threshold))
            << x << ", threshold " << threshold << ", comparison " << static_cast<int>(comparison);
    }
}

TEST(OnnxRows, StepsMoveThresholdsToTheLastBit) {
  expect_same(*through("Mul", {3, 0.7F}), [](float x) { return x * 0.7F; });
  expect_same(*through("Mul", {3, -1e-6F}), [](float x) { return x * -1e-6F; });
  expect_same(*through("Add", {3, 1e7F}), [](float x) { return x + 1e7F; });
  expect_same(*through("Sub", {0.1F}), [](float x) { return x - 0.1F; });
  expect_same(*through("Div", {3, -7}), [](float x) { return x / -7; });
}

TEST(OnnxRows, ANumberOfFloat64IsRoundedOnItsWay) {
  const auto cast = through("Cast", {}, onnx::test::int_attribute("to", 1), ElementType::Float64);
  ASSERT_TRUE(cast);
  const Ensemble ensemble = asked(*cast, Comparison::LessEqual, 0.5);
  EXPECT_EQ(ensemble.input, Precision::Float32);
  EXPECT_EQ(ensemble.trees[0].nodes[0].threshold, 0.5);
  EXPECT_EQ(asked(OnnxRows(ElementType::Float64, 2), Comparison::LessEqual, 0.5).input, Precision::Float64);
}

TEST(OnnxRows, WhatReplacesMissingNumbersDecidesWhereTheyGo) {
  const auto imputer =
      through("Imputer", {},
              onnx::test::attribute("imputed_value_floats", 6,
                                    onnx::test::real(onnx::fields::attribute::floats, 1) +
                                        onnx::test::real(onnx::fields::attribute::floats, 2)) +
                  onnx::test::attribute("replaced_value_float", 1,
                                        onnx::test::real(onnx::fields::attribute::f, static_cast<float>(kNaN))) +
                  onnx::test::text(onnx::fields::node::domain, "ai.onnx.ml"));
  ASSERT_TRUE(imputer) << imputer.error().message();
  EXPECT_TRUE(asked(*imputer, Comparison::LessEqual, 2).trees[0].nodes[0].nan_true);
  EXPECT_FALSE(asked(*imputer, Comparison::LessEqual, 1.5, true).trees[0].nodes[0].nan_true);
  EXPECT_TRUE(asked(*through("Sub", {1}), Comparison::LessEqual, 1.5, true).trees[0].nodes[0].nan_true);
}

TEST(OnnxRows, SideBySideCountsTheColumnsOn) {
  const OnnxRows x(ElementType::Float32, 2);
  const auto scaled = through("Mul", {2, 4});
  const auto both = OnnxRows::side_by_side({&*scaled, &x});
  ASSERT_TRUE(both);
  Ensemble ensemble = asked(*both, Comparison::LessEqual, 8);
  EXPECT_EQ(ensemble.trees[0].nodes[0].threshold, 2);
  ensemble.trees[0].nodes[0].feature = 2;
  ASSERT_TRUE(both->rewrite(ensemble));
  EXPECT_EQ(ensemble.trees[0].nodes[0].feature, 0);
  ensemble.trees[0].nodes[0].feature = 4;
  EXPECT_FALSE(both->rewrite(ensemble));
}

TEST(OnnxRows, SaysWhatStandsInTheWay) {
  const auto problem = [](const base::Result<OnnxRows>& rows) { return rows ? "" : rows.error().what; };
  EXPECT_THAT(problem(through("Exp", {})), ::testing::HasSubstr("in front of the ensemble"));
  EXPECT_THAT(problem(through("Mul", {0})), ::testing::HasSubstr("zero"));
  EXPECT_THAT(problem(through("Mul", {1, 2, 3})), ::testing::HasSubstr("3 numbers for 2 columns"));
  EXPECT_THAT(problem(through("Mul", {2}, {}, ElementType::Float32, std::nullopt)),
              ::testing::HasSubstr("length the file does not say"));
  EXPECT_THAT(problem(through("Mul", {2}, {}, ElementType::Int64)), ::testing::HasSubstr("whole numbers"));
  Ensemble equal;
  equal.trees = {{.nodes = {{.feature = 1, .comparison = Comparison::Equal, .on_true = 1, .on_false = 2}},
                  .outputs = {},
                  .values = {}}};
  EXPECT_FALSE(through("Mul", {2})->rewrite(equal));
}

}  // namespace
}  // namespace edgescope::forest
