#include "forest/evaluator.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "forest/test_forests.h"

namespace edgescope::forest {
namespace {

// Trees of a single leaf: what is aggregated and transformed, without paths.
Ensemble leaves(std::vector<double> values, Precision precision = Precision::Float64) {
  Ensemble ensemble;
  ensemble.features = 1;
  ensemble.input = ensemble.sum = ensemble.result = precision;
  for (const double value : values)
    ensemble.trees.push_back({.nodes = {{.leaf = 0}}, .outputs = {0}, .values = {value}});
  return ensemble;
}

double output(const Ensemble& ensemble) { return evaluate(ensemble, std::vector<double>{0.0}).outputs[0]; }
std::vector<double> result(const Ensemble& ensemble) { return evaluate(ensemble, std::vector<double>{0.0}).result; }

TEST(Evaluator, GoesDownByTheRoundedValue) {
  Ensemble ensemble = leaves({});
  const double threshold = 0.1f;
  ensemble.trees.push_back(
      {.nodes = {{.feature = 0, .threshold = threshold, .on_true = 1, .on_false = 2}, {.leaf = 0}, {.leaf = 1}},
       .outputs = {0},
       .values = {1, 2}});
  const std::vector<double> row = {std::nextafter(threshold, 1)};
  EXPECT_EQ(leaves_of(ensemble, row), std::vector<int>{1});
  ensemble.input = Precision::Float32;
  EXPECT_EQ(leaves_of(ensemble, row), std::vector<int>{0});
}

TEST(Evaluator, SumsInTheEnsemblesPrecisionAndOrder) {
  EXPECT_EQ(output(leaves({1e8, 1, -1e8}, Precision::Float32)), 0);
  EXPECT_EQ(output(leaves({1e8, -1e8, 1}, Precision::Float32)), 1);
  EXPECT_EQ(output(leaves({1e8, 1, -1e8})), 1);
  float sum = 0;
  for (int i = 0; i < 100; ++i) sum += 0.1f;
  EXPECT_EQ(output(leaves(std::vector<double>(100, 0.1f), Precision::Float32)), sum);
}

TEST(Evaluator, BaseValuesComeFirstOrLast) {
  Ensemble ensemble = leaves({1, -1e8}, Precision::Float32);
  ensemble.base_values = {1e8};
  EXPECT_EQ(output(ensemble), 1e8f + (1 - 1e8f));
  ensemble.base_first = true;
  EXPECT_EQ(output(ensemble), 1e8f + 1 - 1e8f);
}

TEST(Evaluator, AveragesDivideBeforeTheBaseValue) {
  Ensemble ensemble = leaves({1, 2, 4});
  ensemble.aggregate = Aggregate::Average;
  ensemble.divisors = {3};
  ensemble.base_values = {10};
  EXPECT_EQ(output(ensemble), 7.0 / 3 + 10);
}

TEST(Evaluator, TheLeastAndTheLargestLookAtFedOutputsOnly) {
  Ensemble ensemble = leaves({3, 2});
  ensemble.outputs = 2;
  ensemble.aggregate = Aggregate::Min;
  EXPECT_EQ(evaluate(ensemble, std::vector<double>{0.0}).outputs, (std::vector<double>{2, 0}));
  ensemble.aggregate = Aggregate::Max;
  ensemble.trees[1].values = {-2};
  ensemble.trees[0].values = {-3};
  EXPECT_EQ(evaluate(ensemble, std::vector<double>{0.0}).outputs, (std::vector<double>{-2, 0}));
}

TEST(Evaluator, TransformsEachOutput) {
  const auto transformed = [](PostTransform transform, double x, double alpha = 1) {
    Ensemble ensemble = leaves({x});
    ensemble.post_transform = transform;
    ensemble.alpha = alpha;
    return result(ensemble)[0];
  };
  EXPECT_EQ(transformed(PostTransform::None, 3), 3);
  EXPECT_EQ(transformed(PostTransform::Logistic, 2, 0.5), 1 / (1 + std::exp(-1.0)));
  EXPECT_EQ(transformed(PostTransform::Exp, 2), std::exp(2.0));
  EXPECT_EQ(transformed(PostTransform::ExpStandardRatio, 3, 2), std::exp2(-1.5));
  EXPECT_EQ(transformed(PostTransform::LogOnePlusExp, 2), std::log1p(std::exp(2.0)));
  EXPECT_EQ(transformed(PostTransform::SignedSquare, -3), -9);
  EXPECT_EQ(transformed(PostTransform::Hinge, 0), 0);
  EXPECT_EQ(transformed(PostTransform::Hinge, 1e-300), 1);
  EXPECT_NEAR(transformed(PostTransform::Probit, 0.975), 1.96, 0.003);
  EXPECT_NEAR(transformed(PostTransform::Probit, 0.025), -1.96, 0.003);
}

TEST(Evaluator, TransformsRows) {
  Ensemble ensemble = leaves({});
  ensemble.outputs = 3;
  ensemble.base_values = {1000, 1001, 0};
  ensemble.post_transform = PostTransform::Softmax;
  const std::vector<double> soft = result(ensemble);
  EXPECT_DOUBLE_EQ(soft[0], 1 / (1 + std::exp(1.0)));
  EXPECT_DOUBLE_EQ(soft[1], 1 / (1 + std::exp(-1.0)));
  EXPECT_EQ(soft[2], 0);
  ensemble.base_values = {1, 2, 0};
  ensemble.post_transform = PostTransform::SoftmaxZero;
  EXPECT_DOUBLE_EQ(result(ensemble)[0], 1 / (1 + std::exp(1.0)));
  EXPECT_EQ(result(ensemble)[2], 0);
  ensemble.post_transform = PostTransform::MaxIndex;
  EXPECT_EQ(result(ensemble), std::vector<double>{1});
  EXPECT_EQ(class_of(ensemble, result(ensemble)), 1);
  ensemble.post_transform = PostTransform::None;
  ensemble.norm = Norm::L1;
  EXPECT_EQ(result(ensemble), (std::vector<double>{1.0 / 3, 2.0 / 3, 0}));
  ensemble.norm = Norm::L2;
  EXPECT_EQ(result(ensemble)[1], 2 / std::sqrt(5.0));
  ensemble.norm = Norm::Max;
  EXPECT_EQ(result(ensemble), (std::vector<double>{0.5, 1, 0}));
}

TEST(Evaluator, TheSecondClassIsWhatIsLeftOrTheNegative) {
  Ensemble ensemble = leaves({0.3});
  ensemble.classifier = true;
  ensemble.second_class = SecondClass::OneMinus;
  EXPECT_EQ(result(ensemble), (std::vector<double>{1 - 0.3, 0.3}));
  EXPECT_EQ(class_of(ensemble, result(ensemble)), 0);
  ensemble.second_class = SecondClass::Negated;
  EXPECT_EQ(result(ensemble), (std::vector<double>{-0.3, 0.3}));
  ensemble.post_transform = PostTransform::Logistic;
  EXPECT_EQ(result(ensemble), (std::vector<double>{1 / (1 + std::exp(0.3)), 1 / (1 + std::exp(-0.3))}));
  EXPECT_EQ(class_of(ensemble, result(ensemble)), 1);
}

TEST(Evaluator, ComputesInTheResultsPrecision) {
  Ensemble ensemble = leaves({0.3});
  ensemble.sum = Precision::Float64;
  ensemble.result = Precision::Float32;
  ensemble.post_transform = PostTransform::Logistic;
  EXPECT_EQ(result(ensemble)[0], 1 / (1 + std::exp(-0.3f)));
}

}  // namespace
}  // namespace edgescope::forest
