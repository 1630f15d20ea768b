#include "format/forest/lightgbm.h"

#include <gmock/gmock.h>

#include <cmath>

#include "format/forest/test_files.h"

namespace edgescope::forest {
namespace {

using test::problem;
using test::replaced;

// x1 <= 0.5 ? 10 : 20, with the bits of decision_type.
std::string stump(int decision, const std::string& threshold = "0.5") {
  return "tree\nversion=v4\nnum_class=1\nnum_tree_per_iteration=1\nmax_feature_idx=1\nobjective=regression\n"
         "feature_names=a b\n\nTree=0\nnum_leaves=2\nnum_cat=0\nsplit_feature=1\nthreshold=" +
         threshold + "\ndecision_type=" + std::to_string(decision) +
         "\nleft_child=-1\nright_child=-2\nleaf_value=10 20\nis_linear=0\n\nend of trees\n\nparameters:\n[x: y]\n";
}

Node root(const std::string& text) {
  const auto ensemble = test::read_text(read_lightgbm, text);
  EXPECT_TRUE(ensemble) << ensemble.error().message();
  return ensemble ? ensemble->trees.at(0).nodes.at(0) : Node{};
}

TEST(Lightgbm, MissingValuesGoAsTheBitsOfTheDecisionSay) {
  // No missing values: NaN is 0.
  EXPECT_TRUE(root(stump(0)).nan_true);
  EXPECT_FALSE(root(stump(0, "-0.5")).nan_true);
  EXPECT_TRUE(root(stump(2, "0")).nan_true);
  // Zero is missing, and so is NaN.
  EXPECT_TRUE(root(stump(2 | 1 << 2)).nan_true);
  EXPECT_TRUE(root(stump(2 | 1 << 2)).zero_missing);
  EXPECT_FALSE(root(stump(1 << 2)).nan_true);
  // NaN is missing.
  EXPECT_TRUE(root(stump(2 | 2 << 2)).nan_true);
  EXPECT_FALSE(root(stump(2 << 2)).nan_true);
  EXPECT_FALSE(root(stump(2 << 2)).zero_missing);
  EXPECT_EQ(problem(read_lightgbm, stump(3 << 2)),
            "x: missing values of type 3 (`decision_type` 12), which edgescope does not support");
}

TEST(Lightgbm, ThresholdsAroundZeroSayWhatThePredictorMakesOfThem) {
  EXPECT_EQ(root(stump(8, "0")).threshold, double{1e-35f});
  EXPECT_EQ(root(stump(8, "1.0000000180025095e-35")).threshold, double{1e-35f});
  EXPECT_EQ(root(stump(8, "-1e-36")).threshold, std::nextafter(-double{1e-35f}, -1.0));
  EXPECT_EQ(root(stump(8, "2e-35")).threshold, 2e-35);
}

TEST(Lightgbm, SetsAreBitsAndTheirFirstCategoryBeginsBehindMinusOne) {
  std::string text = replaced(stump(1, "0"), "num_cat=0", "num_cat=1\ncat_boundaries=0 2\ncat_threshold=9 1");
  const auto ensemble = test::read_text(read_lightgbm, text);
  ASSERT_TRUE(ensemble) << ensemble.error().message();
  EXPECT_EQ(ensemble->sets, (std::vector<Set>{{std::nextafter(-1.0, 0.0), 1, 3, 4, 32, 33}}));
  EXPECT_FALSE(root(text).nan_true);
  EXPECT_THAT(problem(read_lightgbm, replaced(text, "threshold=0", "threshold=1")), ::testing::HasSubstr("set 1 of 1"));
}

TEST(Lightgbm, NamesWhatIsBroken) {
  const std::string good = stump(8);
  EXPECT_THAT(problem(read_lightgbm, replaced(good, "leaf_value=10 20", "leaf_value=10")),
              ::testing::HasSubstr("`leaf_value` has 1 numbers, not 2"));
  EXPECT_THAT(problem(read_lightgbm, replaced(good, "leaf_value=10 20", "leaf_value=10 x")),
              ::testing::HasSubstr("`x` of `leaf_value` is not a number"));
  EXPECT_THAT(problem(read_lightgbm, replaced(good, "left_child=-1", "left_child=0")),
              ::testing::HasSubstr("node 0 is reached in two ways"));
  EXPECT_THAT(problem(read_lightgbm, replaced(good, "left_child=-1", "left_child=-9")),
              ::testing::HasSubstr("has the child"));
  EXPECT_THAT(problem(read_lightgbm, replaced(good, "split_feature=1", "split_feature=2")),
              ::testing::HasSubstr("tests feature 2 of 2"));
  EXPECT_THAT(problem(read_lightgbm, replaced(good, "num_leaves=2", "num_leaves=2000000000")),
              ::testing::HasSubstr("2000000000 leaves"));
  EXPECT_EQ(problem(read_lightgbm, replaced(good, "objective=regression", "objective=mine")),
            "x: the objective `mine`, which edgescope does not support");
  EXPECT_THAT(problem(read_lightgbm, "tree\nversion=v4\n\n"), ::testing::HasSubstr("`max_feature_idx` is missing"));
}

TEST(Lightgbm, KeepsNamesThatCanBeToldApart) {
  EXPECT_EQ(test::read_text(read_lightgbm, stump(8))->feature_names, (std::vector<std::string>{"a", "b"}));
  EXPECT_TRUE(test::read_text(read_lightgbm, replaced(stump(8), "names=a b", "names=a b c"))->feature_names.empty());
}

}  // namespace
}  // namespace edgescope::forest
