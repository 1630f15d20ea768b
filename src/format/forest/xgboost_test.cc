#include "format/forest/xgboost.h"

#include <gmock/gmock.h>

#include <cmath>

#include "format/forest/test_files.h"

namespace edgescope::forest {
namespace {

using test::problem;
using test::replaced;

const char* const kModel = R"({"learner": {"feature_names": ["a", "b"],
  "gradient_booster": {"model": {"gbtree_model_param": {"num_trees": "1"}, "tree_info": [0], "trees": [{
    "left_children": [1, -1, -1], "right_children": [2, -1, -1], "split_indices": [1, 0, 0], "default_left": [1, 0, 0],
    "split_conditions": [5E-1, 1E0, 2E0], "split_type": [0, 0, 0], "categories": [], "categories_nodes": [],
    "categories_segments": [], "categories_sizes": [], "tree_param": {"size_leaf_vector": "1"}}]}, "name": "gbtree"},
  "learner_model_param": {"base_score": "2.5E-1", "num_class": "0", "num_feature": "2", "num_target": "1"},
  "objective": {"name": "binary:logistic"}}, "version": [2, 1, 4]})";

TEST(Xgboost, SaysWhatTheModelSays) {
  const auto ensemble = test::read_text(read_xgboost, kModel);
  ASSERT_TRUE(ensemble) << ensemble.error().message();
  EXPECT_EQ(ensemble->producer, "XGBoost 2.1.4");
  EXPECT_EQ(ensemble->feature_names, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(ensemble->base_values, (std::vector<double>{-std::log(1.0f / 0.25f - 1.0f)}));
  EXPECT_TRUE(ensemble->base_first);
  EXPECT_EQ(ensemble->second_class, SecondClass::OneMinus);
  const Node& node = ensemble->trees.at(0).nodes.at(0);
  EXPECT_EQ(node.comparison, Comparison::Less);
  EXPECT_TRUE(node.nan_true);
  EXPECT_EQ(ensemble->trees.at(0).values, (std::vector<double>{1, 2}));
}

TEST(Xgboost, BaseScoresMayBeLists) {
  const std::string model = replaced(kModel, "binary:logistic", "reg:squarederror");
  EXPECT_EQ(test::read_text(read_xgboost, replaced(model, "\"2.5E-1\"", "\"[2.5E-1]\""))->base_values,
            std::vector<double>{0.25});
  std::string two = replaced(model, "\"num_target\": \"1\"", "\"num_target\": \"2\"");
  EXPECT_EQ(test::read_text(read_xgboost, replaced(two, "\"2.5E-1\"", "\"[1E0,-2E0]\""))->base_values,
            (std::vector<double>{1, -2}));
  EXPECT_THAT(problem(read_xgboost, replaced(two, "\"2.5E-1\"", "\"[1E0,-2E0,3E0]\"")),
              ::testing::HasSubstr("2 outputs have 3 base scores"));
  EXPECT_THAT(problem(read_xgboost, replaced(model, "2.5E-1", "x")), ::testing::HasSubstr("`base_score` is `x`"));
}

TEST(Xgboost, MembersOfASetGoToTheRight) {
  std::string model = replaced(kModel, "\"split_type\": [0", "\"split_type\": [1");
  model = replaced(model, "\"categories\": []", "\"categories\": [3, 4, 16777216]");
  model = replaced(model, "\"categories_nodes\": []", "\"categories_nodes\": [0]");
  model = replaced(model, "\"categories_segments\": []", "\"categories_segments\": [0]");
  model = replaced(model, "\"categories_sizes\": []", "\"categories_sizes\": [3]");
  const auto ensemble = test::read_text(read_xgboost, model);
  ASSERT_TRUE(ensemble) << ensemble.error().message();
  EXPECT_EQ(ensemble->sets, (std::vector<Set>{{3, 5}}));
  const Node& node = ensemble->trees.at(0).nodes.at(0);
  EXPECT_EQ(node.comparison, Comparison::InSet);
  EXPECT_FALSE(node.nan_true);  // NaN goes left, which is where it is no member
  EXPECT_EQ(ensemble->trees.at(0).values, (std::vector<double>{2, 1}));
  EXPECT_THAT(problem(read_xgboost, replaced(model, "\"categories_sizes\": [3]", "\"categories_sizes\": [4]")),
              ::testing::HasSubstr("categories 4 of node 0 at 0"));
}

TEST(Xgboost, NamesWhatItDoesNotReadAndWhatIsBroken) {
  EXPECT_EQ(problem(read_xgboost, replaced(kModel, "binary:logistic", "my:own")),
            "x: the objective `my:own`, which edgescope does not support");
  EXPECT_EQ(problem(read_xgboost, replaced(kModel, "\"gbtree\"", "\"gblinear\"")),
            "x: the booster `gblinear`, which edgescope does not support");
  EXPECT_EQ(problem(read_xgboost, "{\"learner\": 1}"), "x: `learner` is no object");
  EXPECT_EQ(problem(read_xgboost, "{\"version\": []}"), "x: `learner` is missing");
  EXPECT_EQ(problem(read_xgboost, replaced(kModel, "[1, -1, -1]", "[0, -1, -1]")),
            "x: tree 0: node 0 is reached in two ways");
  EXPECT_EQ(problem(read_xgboost, replaced(kModel, "[1, 0, 0], \"default", "[2, 0, 0], \"default")),
            "x: tree 0: node 0 tests feature 2 of 2");
  EXPECT_EQ(problem(read_xgboost, replaced(kModel, "\"tree_info\": [0]", "\"tree_info\": [1]")),
            "x: tree 0: its outputs are not ascending numbers of the ensemble's outputs");
  EXPECT_EQ(problem(read_xgboost, replaced(kModel, "[5E-1, 1E0, 2E0]", "[5E-1]")),
            "x: tree 0: 3 nodes have 1 split conditions");
  EXPECT_EQ(problem(read_xgboost, replaced(kModel, "\"num_class\": \"0\"", "\"num_class\": \"-1\"")),
            "x: `num_class` is -1");
}

TEST(Xgboost, BrokenFilesAreErrors) {
  test::every_beginning_is_an_error(read_xgboost, test::file("xgboost/categories_ubj.ubj"));
  test::every_beginning_is_an_error(read_xgboost, test::file("xgboost/categories_json.json"));
}

}  // namespace
}  // namespace edgescope::forest
