#include "format/forest/onnx.h"

#include <gmock/gmock.h>

#include <cmath>

#include "format/forest/test_files.h"
#include "format/onnx/builder_for_test.h"
#include "format/onnx/reader.h"

namespace edgescope::forest {
namespace {

namespace onnx = format::onnx;
using onnx::test::int_attribute;
using onnx::test::ints_attribute;
using onnx::test::string_attribute;

base::Result<Ensemble> read(const base::MappedFile& file) {
  EDGESCOPE_TRY(model, onnx::read(file));
  return read_onnx(model);
}

Ensemble committed(const std::string& name) {
  const auto ensemble = test::read_text(read, test::file("onnx_trees/" + name));
  EXPECT_TRUE(ensemble) << ensemble.error().message();
  return ensemble ? *ensemble : Ensemble{};
}

std::string strings_attribute(std::string_view name, std::initializer_list<std::string_view> values) {
  std::string list;
  for (const std::string_view value : values) list += onnx::test::text(onnx::fields::attribute::strings, value);
  return onnx::test::attribute(name, 8, list);
}
std::string floats_attribute(std::string_view name, std::initializer_list<float> values) {
  std::string list;
  for (const float value : values) list += onnx::test::real(onnx::fields::attribute::floats, value);
  return onnx::test::attribute(name, 6, list);
}

// x1 <= 0.5 ? 10 : 20.
struct Stump {
  std::string modes = strings_attribute("nodes_modes", {"BRANCH_LEQ", "LEAF", "LEAF"});
  std::string on_true = ints_attribute("nodes_truenodeids", {1, 0, 0});
  std::string weights = floats_attribute("target_weights", {10, 20});
  std::string ids = ints_attribute("target_ids", {0, 0});
  std::string more = {};

  std::string model(const std::string& behind = {}) const {
    const std::string attributes =
        ints_attribute("nodes_treeids", {0, 0, 0}) + ints_attribute("nodes_nodeids", {0, 1, 2}) +
        ints_attribute("nodes_featureids", {1, 0, 0}) + floats_attribute("nodes_values", {0.5F, 0, 0}) + modes +
        on_true + ints_attribute("nodes_falsenodeids", {2, 0, 0}) + ints_attribute("target_treeids", {0, 0}) +
        ints_attribute("target_nodeids", {1, 2}) + ids + weights + more +
        onnx::test::text(onnx::fields::node::domain, "ai.onnx.ml");
    return onnx::test::model(onnx::test::node("TreeEnsembleRegressor", {"x"}, {"y"}, attributes) + behind +
                                 onnx::test::input("x", {-1, 3}) +
                                 onnx::test::output(behind.empty() ? "y" : "z", {-1, 1}),
                             17, onnx::test::opset(3, "ai.onnx.ml"));
  }
};

TEST(OnnxTrees, SaysWhatTheOperatorSays) {
  const auto ensemble = test::read_text(read, Stump{}.model());
  ASSERT_TRUE(ensemble) << ensemble.error().message();
  EXPECT_EQ(ensemble->features, 3);  // as the input has them
  EXPECT_EQ(ensemble->trees.at(0).values, (std::vector<double>{10, 20}));
  EXPECT_EQ(ensemble->input, Precision::Float32);
  EXPECT_FALSE(ensemble->classifier);
}

TEST(OnnxTrees, LabelsComeFromTheOperatorOrFromWhatMapsThem) {
  EXPECT_EQ(committed("sklearn_rf_words.onnx").labels, (std::vector<std::string>{"high", "low", "middle"}));
  EXPECT_EQ(committed("labels.onnx").labels, (std::vector<std::string>{"10", "20", "30"}));
  EXPECT_EQ(committed("binary_logistic.onnx").labels, (std::vector<std::string>{"3", "5"}));
}

TEST(OnnxTrees, PrecisionsFollowTheInput) {
  const Ensemble wide = committed("modes_double.onnx"), cast = committed("cast.onnx"),
                 newest = committed("version5_double.onnx");
  EXPECT_EQ(wide.input, Precision::Float64);
  EXPECT_EQ(wide.result, Precision::Float32);
  EXPECT_EQ(cast.input, Precision::Float32);
  EXPECT_EQ(newest.result, Precision::Float64);
}

TEST(OnnxTrees, AChainOfTestsForEqualityIsASet) {
  const Ensemble ensemble = committed("lightgbm_categories.onnx");
  EXPECT_FALSE(ensemble.sets.empty());
  for (const Set& set : ensemble.sets)
    for (std::size_t i = 0; i < set.size(); i += 2) EXPECT_EQ(set[i + 1], std::nextafter(set[i], INFINITY));
}

TEST(OnnxTrees, ATreeOfOneLeafIsOne) { EXPECT_EQ(committed("version5.onnx").trees.back().nodes.size(), 1u); }

TEST(OnnxTrees, NamesWhatIsBroken) {
  const auto of = [](Stump stump, const std::string& behind = {}) { return test::problem(read, stump.model(behind)); };
  EXPECT_THAT(of({.modes = strings_attribute("nodes_modes", {"BRANCH_LEQ", "LEAF"})}),
              ::testing::HasSubstr("`nodes_modes` has 2 elements, not 3"));
  EXPECT_THAT(of({.modes = strings_attribute("nodes_modes", {"BRANCH_XOR", "LEAF", "LEAF"})}),
              ::testing::HasSubstr("the mode `BRANCH_XOR`, which edgescope does not support"));
  EXPECT_THAT(of({.on_true = ints_attribute("nodes_truenodeids", {7, 0, 0})}),
              ::testing::HasSubstr("has several roots"));
  EXPECT_THAT(of({.on_true = ints_attribute("nodes_truenodeids", {0, 0, 0})}),
              ::testing::HasSubstr("has nodes that no row reaches"));
  EXPECT_THAT(of({.ids = ints_attribute("target_ids", {0, 1})}), ::testing::HasSubstr("target 1 of 1"));
  EXPECT_THAT(of({.more = string_attribute("post_transform", "TANH")}),
              ::testing::HasSubstr("the post_transform `TANH`"));
  EXPECT_THAT(of({.more = int_attribute("n_targets", 0)}), ::testing::HasSubstr("0 targets"));
  EXPECT_THAT(of({.more = floats_attribute("base_values", {1, 2})}),
              ::testing::HasSubstr("1 targets have 2 base values"));
  EXPECT_THAT(of({}, onnx::test::node("Log", {"y"}, {"z"})),
              ::testing::HasSubstr("the operator `Log` behind the ensemble"));
  EXPECT_THAT(of({.more = string_attribute("post_transform", "LOGISTIC")}, onnx::test::node("Exp", {"y"}, {"z"})),
              ::testing::HasSubstr("behind scores that are transformed already"));
  EXPECT_EQ(of({}, onnx::test::node("Exp", {"y"}, {"z"})), "");
  EXPECT_THAT(of({}, onnx::test::node("Pow", {"y", "y"}, {"z"})), ::testing::HasSubstr("the operator `Pow`"));
  EXPECT_THAT(of({}, onnx::test::node("Mul", {"y", "y"}, {"z"})), ::testing::HasSubstr("the operator `Mul`"));
  EXPECT_THAT(of({}, onnx::test::node("Exp", {"y"}, {"e"}) + onnx::test::node("Add", {"e", "y"}, {"z"})),
              ::testing::HasSubstr("the operator `Add` of transformed scores"));
}

// A graph that doubles its trees with every operator ends at a limit, not in memory.
TEST(OnnxTrees, SumsOfSumsAreNotWithoutEnd) {
  std::string behind, from = "y";
  for (int i = 0; i < 60; ++i) {
    const std::string to = i == 59 ? "z" : "s" + std::to_string(i);
    behind += onnx::test::node("Add", {from, from}, {to});
    from = to;
  }
  EXPECT_THAT(test::problem(read, Stump{}.model(behind)), ::testing::HasSubstr("a graph that makes more than"));
}

TEST(OnnxTrees, SeveralOutputsAreOneWayOrColumns) {
  const Ensemble columns = committed("composed_columns.onnx");
  EXPECT_EQ(columns.columns(), 3);
  EXPECT_EQ(columns.trees.size(), 9u);  // each column by itself
  EXPECT_THAT(committed("composed_voting.onnx").labels, ::testing::ElementsAre("0", "1", "2"));
  EXPECT_EQ(committed("composed_exponential.onnx").alpha, 2);
  EXPECT_GT(committed("composed_count_poisson.onnx").factor, 0.5);
}

TEST(OnnxTrees, OtherGraphsHaveNone) {
  const std::string bytes =
      onnx::test::model(onnx::test::node("Exp", {"x"}, {"y"}) + onnx::test::input("x") + onnx::test::output("y"));
  EXPECT_THAT(test::problem(read, bytes), ::testing::HasSubstr("has no tree ensemble"));
}

}  // namespace
}  // namespace edgescope::forest
