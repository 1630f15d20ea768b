#include "analysis/forest_parity.h"

#include <gtest/gtest.h>

#include <cmath>

#include "forest/evaluator.h"
#include "forest/test_forests.h"

namespace edgescope::analysis {
namespace {

using forest::Ensemble;
using forest::test::random_forest;

// What a program that makes no mistake answers.
ForestAnswers right(const Ensemble& ensemble, const forest::Rows& rows) {
  ForestAnswers answers;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const forest::Evaluation evaluation = forest::evaluate(ensemble, rows.row(i));
    answers.leaves.insert(answers.leaves.end(), evaluation.leaves.begin(), evaluation.leaves.end());
    answers.results.insert(answers.results.end(), evaluation.result.begin(), evaluation.result.end());
  }
  return answers;
}

struct Case {
  Ensemble ensemble;
  ForestParityRequest request;
  ForestAnswers answers;

  explicit Case(Ensemble of) : ensemble(std::move(of)) {
    request.rows = forest::test_rows(ensemble, {.at_nodes = 200, .random = 50});
    answers = right(ensemble, request.rows);
  }
  ForestDifference difference() const { return forest_difference(ensemble, request, answers); }
};

Ensemble classes() {
  Ensemble ensemble = random_forest({.outputs = 3, .vector_leaves = true});
  ensemble.classifier = true;
  return ensemble;
}

TEST(ForestParity, RightAnswersAreEqual) {
  for (const forest::test::NamedForest& forest : forest::test::forests_of_every_kind()) {
    const Case same(forest.ensemble);
    const ForestDifference difference = same.difference();
    EXPECT_TRUE(difference.equal()) << forest.name;
    EXPECT_EQ(difference.max_difference, 0) << forest.name;
    EXPECT_EQ(difference.leaves, same.request.rows.size() * forest.ensemble.trees.size()) << forest.name;
  }
}

TEST(ForestParity, EachWrongLeafLabelAndResultCounts) {
  Case wrong(classes());
  wrong.answers.leaves[3] += 1;
  wrong.answers.leaves[7] += 1;
  // Of the first row another class is the largest, by 5.
  const int label = forest::class_of(wrong.ensemble, std::span(wrong.answers.results).first(3));
  wrong.answers.results[static_cast<std::size_t>((label + 1) % 3)] =
      wrong.answers.results[static_cast<std::size_t>(label)] + 5;
  const ForestDifference difference = wrong.difference();
  EXPECT_EQ(difference.leaf_mismatches, 2u);
  EXPECT_EQ(difference.label_flips, 1u);
  EXPECT_EQ(difference.result_mismatches, 1u);
  EXPECT_GE(difference.max_difference, 5);
  EXPECT_FALSE(difference.equal());
}

TEST(ForestParity, ResultsMayDifferWithinTheTolerance) {
  Case near(classes());
  near.answers.results[0] += 1e-7;
  EXPECT_TRUE(near.difference().equal());
  EXPECT_NEAR(near.difference().max_difference, 1e-7, 1e-12);
  near.request.tolerance = 1e-8;
  EXPECT_FALSE(near.difference().equal());
  near.answers.results[1] = NAN;
  EXPECT_EQ(near.difference().not_finite, 1u);
}

TEST(ForestParity, ThePredictionsThatAreGivenCountMoreThanTheForest) {
  Case given(random_forest({}));
  base::NpyArray expected{.shape = {given.request.rows.size()}, .values = given.answers.results};
  expected.values[5] += 2;
  given.request.expected = expected;
  EXPECT_EQ(given.difference().result_mismatches, 1u);
  EXPECT_DOUBLE_EQ(given.difference().max_difference, 2);
  EXPECT_EQ(given.difference().leaf_mismatches, 0u);
}

TEST(ForestParity, OfTwoClassesTheSecondAloneMayBeGiven) {
  Ensemble ensemble = random_forest({});
  ensemble.classifier = true;
  ensemble.post_transform = forest::PostTransform::Logistic;
  ensemble.second_class = forest::SecondClass::OneMinus;
  Case binary(ensemble);
  base::NpyArray expected{.shape = {binary.request.rows.size()}, .values = {}};
  for (std::size_t i = 0; i < binary.request.rows.size(); ++i)
    expected.values.push_back(binary.answers.results[2 * i + 1]);
  EXPECT_TRUE(check_expected(ensemble, binary.request.rows, expected, "x"));
  binary.request.expected = expected;
  EXPECT_TRUE(binary.difference().equal());
  EXPECT_EQ(binary.difference().results, binary.request.rows.size());
}

TEST(ForestParity, PredictionsOfOtherRowsOrColumnsAreRefused) {
  const Case given(classes());
  base::NpyArray expected{.shape = {2, 3}, .values = std::vector<double>(6)};
  EXPECT_FALSE(check_expected(given.ensemble, given.request.rows, expected, "x"));
  expected = {.shape = {given.request.rows.size(), 2}, .values = std::vector<double>(2 * given.request.rows.size())};
  EXPECT_EQ(check_expected(given.ensemble, given.request.rows, expected, "x").error().message(),
            "x: holds 2 numbers a row, and the forest's result has 3");
}

// A program in float32 goes where the rounded row goes: on rows one float64 beside a threshold that is another way.
TEST(ForestParity, MismatchesOfRoundedNumbersAreExplained) {
  Case rounded(random_forest({.trees = 8, .depth = 5}));
  forest::Rows narrow = rounded.request.rows;
  for (double& x : narrow.values) x = static_cast<float>(x);
  rounded.answers = right(rounded.ensemble, narrow);
  rounded.answers.number = forest::Number::Float32;
  ForestDifference difference = rounded.difference();
  EXPECT_GT(difference.leaf_mismatches, 10u);
  EXPECT_EQ(difference.rounded, difference.leaf_mismatches);
  rounded.answers.leaves[0] += 1;
  difference = rounded.difference();
  EXPECT_EQ(difference.rounded + difference.denormal + 1, difference.leaf_mismatches);
}

TEST(ForestParity, MismatchesOfDenormalsAreToldApart) {
  Ensemble ensemble;
  ensemble.features = 1;
  ensemble.trees = {{.nodes = {{.feature = 0, .threshold = 0, .on_true = 1, .on_false = 2}, {.leaf = 0}, {.leaf = 1}},
                     .outputs = {0},
                     .values = {1, 2}}};
  ForestParityRequest request;
  request.rows = {.columns = 1, .values = {std::numeric_limits<float>::denorm_min()}};
  ForestAnswers answers{.leaves = {0}, .results = {1}};
  answers.number = forest::Number::Float32;
  const ForestDifference difference = forest_difference(ensemble, request, answers);
  EXPECT_EQ(difference.leaf_mismatches, 1u);
  EXPECT_EQ(difference.denormal, 1u);
  EXPECT_EQ(difference.rounded, 0u);
}

}  // namespace
}  // namespace edgescope::analysis
