#include "format/forest/ensemble.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <limits>

namespace edgescope::forest {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

// x0 <= 1 ? leaf 0 : (x1 in {2, 3} ? leaf 1 : leaf 2)
Ensemble small() {
  Ensemble ensemble;
  ensemble.features = 2;
  ensemble.sets = {{2, 4}};
  Tree tree;
  tree.nodes = {{.feature = 0, .threshold = 1, .on_true = 1, .on_false = 2},
                {.leaf = 0},
                {.feature = 1, .comparison = Comparison::InSet, .set = 0, .on_true = 3, .on_false = 4},
                {.leaf = 1},
                {.leaf = 2}};
  tree.outputs = {0};
  tree.values = {10, 20, 30};
  ensemble.trees = {tree};
  return ensemble;
}

TEST(Ensemble, ASetIsTheUnionOfItsHalfOpenIntervals) {
  const Set set = {-1.5, 0, 2, 4};
  for (const double inside : {-1.5, -1e-300, 2.0, 3.0, 3.999}) EXPECT_TRUE(contains(set, inside)) << inside;
  for (const double outside : {-2.0, -0.0, 0.0, 1.999, 4.0, 1e300, -1e300, kNan})
    EXPECT_FALSE(contains(set, outside)) << outside;
}

TEST(Ensemble, EachComparisonTakesItsSide) {
  const Ensemble ensemble = small();
  const auto takes = [&](Comparison comparison, double x) {
    return takes_true(ensemble, {.feature = 0, .comparison = comparison, .threshold = 1, .set = 0}, x);
  };
  // Below, at and above the threshold.
  struct Row {
    Comparison comparison;
    bool below, at, above;
  };
  for (const Row& row : {Row{Comparison::Less, true, false, false}, Row{Comparison::LessEqual, true, true, false},
                         Row{Comparison::Greater, false, false, true}, Row{Comparison::GreaterEqual, false, true, true},
                         Row{Comparison::Equal, false, true, false}, Row{Comparison::NotEqual, true, false, true}}) {
    EXPECT_EQ(takes(row.comparison, std::nextafter(1, 0)), row.below) << static_cast<int>(row.comparison);
    EXPECT_EQ(takes(row.comparison, 1), row.at) << static_cast<int>(row.comparison);
    EXPECT_EQ(takes(row.comparison, std::nextafter(1, 2)), row.above) << static_cast<int>(row.comparison);
  }
  EXPECT_TRUE(takes(Comparison::InSet, 3.5));
  EXPECT_FALSE(takes(Comparison::InSet, 4));
}

TEST(Ensemble, NanTakesTheSideThatTheNodeSaysAndZeroTooWhereItIsMissing) {
  const Ensemble ensemble = small();
  Node node{.feature = 0, .comparison = Comparison::NotEqual, .threshold = 1};
  EXPECT_FALSE(takes_true(ensemble, node, kNan));
  node.nan_true = true;
  EXPECT_TRUE(takes_true(ensemble, node, kNan));
  node = {.feature = 0, .comparison = Comparison::Less, .nan_true = false, .zero_missing = true, .threshold = 1};
  for (const double zero : {0.0, -0.0, 1e-36, static_cast<double>(-1e-35f)})
    EXPECT_FALSE(takes_true(ensemble, node, zero)) << zero;
  EXPECT_TRUE(takes_true(ensemble, node, 1.1e-35));
}

TEST(Ensemble, DepthCountsEdgesToTheDeepestLeaf) {
  EXPECT_EQ(depth(small().trees[0]), 2);
  EXPECT_EQ(depth(Tree{.nodes = {{.leaf = 0}}, .outputs = {0}, .values = {1}}), 0);
}

TEST(Ensemble, ValidateNamesWhatIsBroken) {
  ASSERT_TRUE(validate(small()).has_value());
  const auto problem = [](const std::function<void(Ensemble&)>& damage) {
    Ensemble ensemble = small();
    damage(ensemble);
    const base::Status status = validate(ensemble);
    return status ? std::string() : status.error().what;
  };
  EXPECT_EQ(problem([](Ensemble& e) { e.trees[0].nodes[2].feature = 2; }), "tree 0: node 2 tests feature 2 of 2");
  EXPECT_EQ(problem([](Ensemble& e) { e.trees[0].nodes[2].set = 1; }), "tree 0: node 2 tests set 1 of 1");
  EXPECT_EQ(problem([](Ensemble& e) { e.trees[0].nodes[0].threshold = kNan; }),
            "tree 0: node 0 has a threshold that is not a number");
  EXPECT_EQ(problem([](Ensemble& e) { e.trees[0].nodes[2].on_true = 2; }), "tree 0: node 2 has the child 2");
  EXPECT_EQ(problem([](Ensemble& e) { e.trees[0].nodes[2].on_true = 5; }), "tree 0: node 2 has the child 5");
  EXPECT_EQ(problem([](Ensemble& e) { e.trees[0].nodes[2].on_true = 4; }), "tree 0: node 4 has two parents");
  EXPECT_EQ(problem([](Ensemble& e) { e.trees[0].nodes[0].on_true = 4; }), "tree 0: node 1 has no parent before it");
  EXPECT_EQ(problem([](Ensemble& e) { std::swap(e.trees[0].nodes[3].leaf, e.trees[0].nodes[4].leaf); }),
            "tree 0: leaf 3 is not numbered in order");
  EXPECT_EQ(problem([](Ensemble& e) { e.trees[0].values.pop_back(); }), "tree 0: it has 2 values for 3 leaves");
  EXPECT_EQ(problem([](Ensemble& e) { e.trees[0].outputs = {1}; }),
            "tree 0: its outputs are not ascending numbers of the ensemble's outputs");
  EXPECT_EQ(problem([](Ensemble& e) { e.trees[0].nodes.clear(); }), "tree 0: it has no nodes");
  EXPECT_EQ(problem([](Ensemble& e) { e.sets[0] = {2, 2}; }), "a set of categories has boundaries that do not ascend");
  EXPECT_EQ(problem([](Ensemble& e) { e.sets[0] = {2}; }), "a set of categories has boundaries that do not ascend");
  EXPECT_EQ(problem([](Ensemble& e) { e.base_values = {1, 2}; }), "1 outputs have 2 base values and 0 divisors");
  EXPECT_EQ(problem([](Ensemble& e) { e.aggregate = Aggregate::Average; }), "divisors belong to an average");
  EXPECT_EQ(problem([](Ensemble& e) { e.labels = {"a", "b"}; }), "1 classes have 2 labels");
  EXPECT_EQ(problem([](Ensemble& e) { e.feature_names = {"a"}; }), "2 features have 1 names");
}

}  // namespace
}  // namespace edgescope::forest
