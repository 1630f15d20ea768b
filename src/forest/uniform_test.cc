#include "forest/uniform.h"

#include <gtest/gtest.h>

#include <cmath>

#include "base/half.h"
#include "forest/evaluator.h"
#include "forest/rows.h"
#include "forest/test_forests.h"

namespace edgescope::forest {
namespace {

float held(double x, Number number) {
  const auto single = static_cast<float>(x);
  if (number == Number::Float32 && std::fpclassify(single) == FP_SUBNORMAL) return std::copysign(0.0F, single);
  return number == Number::Float16 ? base::from_half(base::to_half(single)) : single;
}

// The leaves that the uniform tests lead to, in the device's numbers.
std::vector<int> leaves(const UniformForest& forest, std::span<const double> row, Number number) {
  std::vector<float> columns;
  for (const Column& each : forest.columns) {
    float x =
        held(each.feature < static_cast<int>(row.size()) ? row[static_cast<std::size_t>(each.feature)] : 0, number);
    if (each.zero_missing && std::fabs(x) <= 1e-35F) x = std::nanf("");
    columns.push_back(each.negated ? -x : x);
  }
  std::vector<int> result;
  for (const UniformTree& tree : forest.trees) {
    int at = tree.root;
    while (at >= 0) {
      const UniformNode& node = tree.nodes[static_cast<std::size_t>(at)];
      const float x = columns[static_cast<std::size_t>(node.column)];
      at = (forest.or_equal ? x <= node.threshold : x < node.threshold) ? node.yes : node.no;
    }
    result.push_back(~at);
  }
  return result;
}

// Rows whose numbers the device holds: there nothing may be lost, whatever the ensemble's precision.
TEST(Uniform, RowsThatTheDeviceHoldsReachTheirLeaves) {
  for (const Number number : {Number::Float32, Number::Float16})
    for (const bool or_equal : {false, true})
      for (std::uint64_t seed = 1; seed < 3; ++seed)
        for (const auto& [name, ensemble] : test::forests_of_every_kind(seed)) {
          if (number == Number::Float16 && name == "zero is missing") continue;  // refused: 1e-35 is no half
          const UniformForest forest = uniform(ensemble, {.number = number, .or_equal = or_equal});
          const Rows rows = test_rows(ensemble, {.at_nodes = 300, .random = 50});
          int wrong = 0;
          for (std::size_t i = 0; i < rows.size(); ++i) {
            std::vector<double> row(rows.row(i).begin(), rows.row(i).end());
            for (double& each : row) each = held(each, number);
            wrong += leaves(forest, row, number) != leaves_of(ensemble, row);
          }
          EXPECT_EQ(wrong, 0) << name << " of seed " << seed << (or_equal ? ", <=" : ", <")
                              << (number == Number::Float16 ? ", half" : "");
        }
}

TEST(Uniform, ForestsOfOneComparisonKeepTheirThresholds) {
  const Ensemble sklearn = test::random_forest({.precision = Precision::Float32});
  const UniformForest forest = uniform(sklearn, {});
  EXPECT_TRUE(forest.or_equal);
  EXPECT_EQ(forest.columns.size(), 4u);
  std::vector<float> before, after;
  for (const Tree& tree : sklearn.trees)
    for (const Node& node : tree.nodes)
      if (!node.is_leaf()) before.push_back(static_cast<float>(node.threshold));
  for (const UniformTree& tree : forest.trees)
    for (const UniformNode& node : tree.nodes) after.push_back(node.threshold);
  std::sort(before.begin(), before.end());
  std::sort(after.begin(), after.end());
  EXPECT_EQ(before, after);
  EXPECT_FALSE(uniform(sklearn, {.or_equal = false}).or_equal);
  EXPECT_EQ(forest.depth, 5);
}

}  // namespace
}  // namespace edgescope::forest
