#include "forest/rows.h"

#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <set>

#include "forest/evaluator.h"
#include "forest/test_forests.h"

namespace edgescope::forest {
namespace {

TEST(TestForests, AreValidAndOfTheKindThatTheyAreNamed) {
  for (const std::uint64_t seed : {1u, 2u, 3u})
    for (const test::NamedForest& forest : test::forests_of_every_kind(seed)) {
      const base::Status valid = validate(forest.ensemble);
      EXPECT_TRUE(valid.has_value()) << forest.name << ": " << valid.error().what;
    }
  EXPECT_EQ(depth(test::random_forest({.trees = 1, .depth = 6, .perfect = true}).trees[0]), 6);
  const Ensemble skewed = test::random_forest({.trees = 1, .depth = 9, .skewed = true});
  EXPECT_EQ(skewed.trees[0].leaves(), 10);
}

TEST(Rows, AreTheSameForTheSamePlanAndOthersForAnotherSeed) {
  const Ensemble ensemble = test::random_forest({.nan = true});
  const Rows a = test_rows(ensemble), b = test_rows(ensemble), c = test_rows(ensemble, {.seed = 2});
  const auto same = [](const Rows& x, const Rows& y) {
    return x.values.size() == y.values.size() &&
           std::equal(x.values.begin(), x.values.end(), y.values.begin(),
                      [](double p, double q) { return p == q || (std::isnan(p) && std::isnan(q)); });
  };
  EXPECT_TRUE(same(a, b));
  EXPECT_FALSE(same(a, c));
}

TEST(Rows, ComeToEveryNodeWithItsThresholdAndItsNeighbours) {
  for (const Precision precision : {Precision::Float32, Precision::Float64}) {
    const Ensemble ensemble = test::random_forest({.trees = 3, .depth = 6, .precision = precision});
    const Rows rows = test_rows(ensemble, {.random = 0});
    for (const Tree& tree : ensemble.trees) {
      std::map<int, std::set<double>> seen;  // of each node: the compared values
      for (std::size_t i = 0; i < rows.size(); ++i)
        for (int at = 0; !tree.nodes[static_cast<std::size_t>(at)].is_leaf();) {
          const Node& node = tree.nodes[static_cast<std::size_t>(at)];
          double x = rows.row(i)[static_cast<std::size_t>(node.feature)];
          if (precision == Precision::Float32) x = static_cast<float>(x);
          if (!std::isnan(x)) seen[at].insert(x);
          at = takes_true(ensemble, node, x) ? node.on_true : node.on_false;
        }
      int complete = 0, inner = 0;
      for (std::size_t i = 0; i < tree.nodes.size(); ++i) {
        const Node& node = tree.nodes[i];
        if (node.is_leaf()) continue;
        ++inner;
        const auto next = [&](double towards) {
          return precision == Precision::Float32
                     ? double{std::nextafter(static_cast<float>(node.threshold), static_cast<float>(towards))}
                     : std::nextafter(node.threshold, towards);
        };
        const auto& values = seen[static_cast<int>(i)];
        complete += values.contains(node.threshold) && values.contains(next(-1e9)) && values.contains(next(1e9));
      }
      EXPECT_EQ(complete, inner);
    }
  }
}

TEST(Rows, HoldEverySpecialValueInEveryFeature) {
  const Ensemble ensemble = test::random_forest({.features = 3});
  const Rows rows = test_rows(ensemble, {.at_nodes = 0, .random = 0});
  for (std::size_t f = 0; f < 3; ++f) {
    int nan = 0, infinite = 0, denormal = 0, negative_zero = 0;
    for (std::size_t i = 0; i < rows.size(); ++i) {
      const double x = rows.row(i)[f];
      nan += std::isnan(x);
      infinite += std::isinf(x);
      denormal += std::fpclassify(x) == FP_SUBNORMAL;
      negative_zero += x == 0 && std::signbit(x);
    }
    EXPECT_GE(nan, 1);
    EXPECT_GE(infinite, 2);
    EXPECT_GE(denormal, 2);
    EXPECT_GE(negative_zero, 1);
  }
}

TEST(Rows, ReachEveryLeafOfPlainForests) {
  const Ensemble ensemble = test::random_forest({.trees = 8, .depth = 6});
  const Rows rows = test_rows(ensemble);
  std::vector<std::set<int>> reached(ensemble.trees.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const std::vector<int> leaves = leaves_of(ensemble, rows.row(i));
    for (std::size_t t = 0; t < leaves.size(); ++t) reached[t].insert(leaves[t]);
  }
  std::size_t all = 0, got = 0;
  for (std::size_t t = 0; t < reached.size(); ++t) {
    all += static_cast<std::size_t>(ensemble.trees[t].leaves());
    got += reached[t].size();
  }
  EXPECT_EQ(got, all);
}

}  // namespace
}  // namespace edgescope::forest
