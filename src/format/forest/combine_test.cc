#include "format/forest/combine.h"

#include <gmock/gmock.h>

namespace edgescope::forest {
namespace {

// x[feature] <= 0 ? one : other, for each output.
Shared stump(std::vector<double> one, const std::vector<double>& other, int feature = 0) {
  Ensemble ensemble;
  ensemble.features = feature + 1;
  ensemble.outputs = static_cast<int>(one.size());
  ensemble.result = Precision::Float32;
  Tree tree{.nodes = {{.feature = feature, .on_true = 1, .on_false = 2}, {.leaf = 0}, {.leaf = 1}},
            .outputs = {},
            .values = std::move(one)};
  for (int k = 0; k < ensemble.outputs; ++k) tree.outputs.push_back(k);
  tree.values.insert(tree.values.end(), other.begin(), other.end());
  ensemble.trees.push_back(std::move(tree));
  return std::make_shared<const Ensemble>(std::move(ensemble));
}

template <typename Change>
Shared with(const Shared& ensemble, Change change) {
  Ensemble copy = *ensemble;
  change(copy);
  return std::make_shared<const Ensemble>(std::move(copy));
}

std::string refusal(const base::Result<Ensemble>& made) { return made ? "" : made.error().what; }

void expect_valid(const base::Result<Ensemble>& made) {
  ASSERT_TRUE(made) << made.error().message();
  const base::Status valid = validate(*made);
  EXPECT_TRUE(valid) << valid.error().message();
}

TEST(Combine, SumsHaveTheTreesOfAll) {
  const Shared base = with(stump({3}, {4}, 2), [](Ensemble& e) {
    e.base_values = {0.5};
    e.factor = 2;
  });
  const auto sum = added({stump({1}, {2}), base});
  expect_valid(sum);
  EXPECT_EQ(sum->features, 3);
  EXPECT_EQ(sum->trees.at(1).values, (std::vector<double>{6, 8}));
  EXPECT_EQ(sum->base_values, std::vector<double>{1});
  EXPECT_EQ(sum->factor, 1);
  EXPECT_EQ(sum->sum, Precision::Float64);
  EXPECT_EQ(sum->result, Precision::Float32);
}

TEST(Combine, AMeanIsASumWithADivisor) {
  const Shared average = with(stump({2}, {4}), [](Ensemble& e) {
    e.aggregate = Aggregate::Average;
    e.divisors = {2};
    e.base_values = {6};
  });
  const auto mean = averaged({average, stump({1}, {2}), stump({1}, {2})});
  expect_valid(mean);
  EXPECT_EQ(mean->trees.at(0).values, (std::vector<double>{1, 2}));  // its own divisor is in its leaves
  EXPECT_EQ(mean->divisors, std::vector<double>{3});
  EXPECT_EQ(mean->base_values, std::vector<double>{2});
}

TEST(Combine, SetsAreCountedOn) {
  const auto in_set = [](double at) {
    return with(stump({1}, {2}), [at](Ensemble& e) {
      e.sets = {{at, at + 1}};
      e.trees[0].nodes[0].comparison = Comparison::InSet;
      e.trees[0].nodes[0].set = 0;
    });
  };
  const auto sum = added({in_set(1), in_set(5)});
  expect_valid(sum);
  EXPECT_EQ(sum->sets.at(static_cast<std::size_t>(sum->trees.at(1).nodes[0].set)), (Set{5, 6}));
}

TEST(Combine, SideBySideKeepsWhatEachColumnIsTransformedBy) {
  const auto logistic = [](Ensemble& e) { e.post_transform = PostTransform::Logistic; };
  const auto both = side_by_side({with(stump({1}, {2}), logistic), with(stump({3}, {4}), logistic)});
  expect_valid(both);
  EXPECT_EQ(both->outputs, 2);
  EXPECT_EQ(both->trees.at(1).outputs, std::vector<int>{1});
  EXPECT_EQ(both->post_transform, PostTransform::Logistic);
  EXPECT_THAT(refusal(side_by_side({with(stump({1}, {2}), logistic), stump({3}, {4})})),
              ::testing::HasSubstr("transformed differently"));
  EXPECT_EQ(side_by_side({stump({1}, {2})})->sum, Precision::Float64);
}

TEST(Combine, ASecondClassIsAColumnLikeOthers) {
  const auto classes = [](SecondClass second) {
    return with(stump({1}, {2}), [second](Ensemble& e) { e.second_class = second; });
  };
  const auto one_minus = added({classes(SecondClass::OneMinus), stump({0, 0}, {0, 0})});
  expect_valid(one_minus);
  EXPECT_EQ(one_minus->trees.at(0).values, (std::vector<double>{-1, 1, -2, 2}));
  EXPECT_EQ(one_minus->base_values, (std::vector<double>{1, 0}));
  const auto negated = columns_of(*classes(SecondClass::Negated), {0});
  expect_valid(negated);
  EXPECT_EQ(negated->trees.at(0).values, (std::vector<double>{-1, -2}));
  // The second one alone is the score as it is, to the last bit.
  const auto second = columns_of(*classes(SecondClass::Negated), {1});
  expect_valid(second);
  EXPECT_EQ(second->trees.at(0).values, (std::vector<double>{1, 2}));
  EXPECT_EQ(second->second_class, SecondClass::None);
}

TEST(Combine, ColumnsAreChosenInAnyOrder) {
  const Ensemble three = *stump({1, 2, 3}, {4, 5, 6});
  const auto chosen = columns_of(three, {2, 0});
  expect_valid(chosen);
  EXPECT_EQ(chosen->trees.at(0).values, (std::vector<double>{3, 1, 6, 4}));
  EXPECT_THAT(refusal(columns_of(three, {3})), ::testing::HasSubstr("column 3 of 3"));
  EXPECT_THAT(refusal(columns_of(three, {1, 1})), ::testing::HasSubstr("twice"));
  EXPECT_THAT(refusal(columns_of(three, {})), ::testing::HasSubstr("no column"));
}

TEST(Combine, DividingASumIsItsAverage) {
  const auto average = divided(*stump({1}, {2}), 4);
  expect_valid(average);
  EXPECT_EQ(average->divisors, std::vector<double>{4});
  const auto scaled = divided(*with(stump({1}, {2}), [](Ensemble& e) { e.base_values = {1}; }), 4);
  expect_valid(scaled);
  EXPECT_EQ(scaled->factor, 0.25);
}

TEST(Combine, WhatIsNoSumSaysSo) {
  const Shared softmax = with(stump({1, 2}, {3, 4}), [](Ensemble& e) { e.post_transform = PostTransform::Softmax; });
  EXPECT_THAT(refusal(added({softmax, softmax})), ::testing::HasSubstr("transformed"));
  EXPECT_THAT(refusal(side_by_side({softmax, softmax})), ::testing::HasSubstr("transformed together"));
  const Shared least = with(stump({1}, {2}), [](Ensemble& e) { e.aggregate = Aggregate::Min; });
  EXPECT_THAT(refusal(added({least, least})), ::testing::HasSubstr("least"));
  EXPECT_THAT(refusal(added({stump({1}, {2}), stump({1, 2}, {3, 4})})), ::testing::HasSubstr("1 and 2 columns"));
  const Shared narrow = with(stump({1}, {2}), [](Ensemble& e) { e.input = Precision::Float32; });
  EXPECT_THAT(refusal(added({narrow, stump({1}, {2})})), ::testing::HasSubstr("different precisions"));
  EXPECT_THAT(refusal(multiplied(*with(stump({1}, {2}), [](Ensemble& e) { e.norm = Norm::L1; }), 2)),
              ::testing::HasSubstr("normalised"));
  EXPECT_THAT(refusal(increased(*stump({1, 2}, {3, 4}), {1, 2, 3})), ::testing::HasSubstr("3 constants and 2 columns"));
}

}  // namespace
}  // namespace edgescope::forest
