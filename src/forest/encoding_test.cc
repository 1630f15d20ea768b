#include "forest/encoding.h"

#include <gtest/gtest.h>

#include <cmath>

namespace edgescope::forest {
namespace {

// A forest of stumps: one tree a node.
Ensemble stumps(const std::vector<Node>& nodes, Precision input = Precision::Float64) {
  Ensemble ensemble;
  ensemble.features = 2;
  ensemble.input = input;
  for (Node node : nodes) {
    node.on_true = 1;
    node.on_false = 2;
    ensemble.trees.push_back({.nodes = {node, {.leaf = 0}, {.leaf = 1}}, .outputs = {0}, .values = {0, 1}});
  }
  return ensemble;
}

Node less_equal(double threshold, bool nan_true = false) {
  return {.feature = 0, .nan_true = nan_true, .threshold = threshold};
}

TEST(Encoding, OneSearchForAllThresholdsOfAFeature) {
  const Encoding encoding = encode(stumps({less_equal(3), less_equal(1), less_equal(3)}), kByteCells);
  ASSERT_EQ(encoding.tables.searches.size(), 1u);
  EXPECT_EQ(encoding.tables.columns, 1);
  EXPECT_EQ(encoding.tests[0][0].rank, 1);
  EXPECT_EQ(encoding.tests[1][0].rank, 0);
  EXPECT_EQ(encoding.tests[2][0].rank, 1);
}

TEST(Encoding, NanHasARankWhereThereIsOneThatSuitsAll) {
  // x <= t: NaN that takes the true child is not above. Below 2 it is above, from 2 on it is not.
  const Encoding one = encode(stumps({less_equal(1, false), less_equal(2, true), less_equal(3, true)}), kByteCells);
  ASSERT_EQ(one.tables.searches.size(), 1u);
  EXPECT_EQ(one.tables.searches[0].missing_rank, 1);
  const Encoding two = encode(stumps({less_equal(1, true), less_equal(2, false), less_equal(3, true)}), kByteCells);
  EXPECT_EQ(two.tables.searches.size(), 2u);
  const Encoding both = encode(stumps({less_equal(1, true), less_equal(1, false)}), kByteCells);
  EXPECT_EQ(both.tables.searches.size(), 2u) << "the same threshold sends NaN both ways";
}

TEST(Encoding, ManyThresholdsTakeTwoCellsOrMore) {
  std::vector<Node> nodes;
  for (int i = 0; i < 300; ++i) nodes.push_back(less_equal(i));
  const Encoding wide = encode(stumps(nodes), kByteCells);
  EXPECT_EQ(wide.tables.columns, 2);
  EXPECT_TRUE(wide.tests[299][0].wide);
  EXPECT_EQ(wide.tests[299][0].rank, 299);
  const Encoding chunks = encode(stumps(nodes), kFloatCells);
  EXPECT_EQ(chunks.tables.columns, 2);
  EXPECT_EQ(chunks.tests[299][0].column, 1);
  EXPECT_EQ(chunks.tests[299][0].rank, 299 - 255);
}

TEST(Encoding, WhatEveryNumberAnswersAlikeIsNoTest) {
  const double infinity = HUGE_VAL;
  const Encoding encoding = encode(stumps({less_equal(infinity, true), less_equal(infinity, false)}), kByteCells);
  EXPECT_TRUE(encoding.tests[0][0].constant());
  EXPECT_FALSE(encoding.tests[1][0].constant()) << "it tells NaN from numbers";
  ASSERT_EQ(encoding.tables.searches.size(), 1u);
  EXPECT_EQ(encoding.tables.searches[0].missing_rank, 1);
}

TEST(Encoding, ThresholdsMoveToNumbersOfTheRows) {
  const Node less{.feature = 0, .comparison = Comparison::Less, .threshold = 1};
  EXPECT_EQ(encode(stumps({less}), kByteCells).tables.boundaries[0], std::nextafter(1.0, 0.0));
  EXPECT_EQ(encode(stumps({less}, Precision::Float32), kByteCells).tables.boundaries[0],
            double{std::nextafter(1.0F, 0.0F)});
  EXPECT_EQ(encode(stumps({less_equal(0.1)}, Precision::Float32), kByteCells).tables.boundaries[0],
            double{std::nextafter(0.1F, 0.0F)})
      << "0.1F is more than 0.1";
}

}  // namespace
}  // namespace edgescope::forest
