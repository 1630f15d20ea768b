#include "analysis/forest_inspection.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "analysis/forest_build.h"
#include "forest/test_forests.h"

namespace edgescope::analysis {
namespace {

using base::Json;
using forest::test::random_forest;

// The user's workload: 512 perfect trees of depth 16 with 4 classes.
TEST(ForestInspection, StrategiesTakeWhatTheirFormulasSay) {
  forest::Ensemble ensemble = random_forest({.trees = 1, .depth = 16, .features = 8, .outputs = 4, .perfect = true});
  EXPECT_EQ(512 * *strategy_bytes(ensemble, Strategy::PerfectTreeTraversal, kFloat32),
            512ull * (65535ull * 12 + 65536ull * 16));  // 896 MiB
  ensemble = random_forest({.trees = 10, .depth = 3, .features = 5, .outputs = 2, .perfect = true});
  EXPECT_EQ(strategy_bytes(ensemble, Strategy::Gemm, kFloat32), 10u * 4 * (7 * 5 + 8 * 7 + 2 * 8));
  EXPECT_EQ(strategy_bytes(ensemble, Strategy::Gemm, kFloat16), 10u * 2 * (7 * 5 + 8 * 7 + 2 * 8));
  EXPECT_EQ(strategy_bytes(ensemble, Strategy::TreeTraversal, kFloat32), 10u * 15 * (3 * 8 + 4 + 4 * 2));
  EXPECT_EQ(strategy_bytes(ensemble, Strategy::PerfectTreeTraversal, kFloat16), 10u * (7 * 6 + 8 * 2 * 2));
}

TEST(ForestInspection, PaddingIsToTheLargestTree) {
  forest::Ensemble ensemble = random_forest({.trees = 1, .depth = 2, .features = 4, .perfect = true});
  const auto alone = *strategy_bytes(ensemble, Strategy::Gemm, kFloat32);
  ensemble.trees.push_back(random_forest({.trees = 1, .depth = 0}).trees[0]);
  EXPECT_EQ(strategy_bytes(ensemble, Strategy::Gemm, kFloat32), 2 * alone);
}

TEST(ForestInspection, APerfectTreeMayExceedEveryNumber) {
  const forest::Ensemble ensemble = random_forest({.trees = 3, .depth = 70, .skewed = true});
  EXPECT_EQ(strategy_bytes(ensemble, Strategy::PerfectTreeTraversal, kFloat32), std::nullopt);
  const Json json = forest_json(ensemble, "xgboost");
  const Json& ptt = json["strategies"][2];
  EXPECT_TRUE(ptt["bytes"].is_null());
  EXPECT_TRUE(ptt["hummingbird_bytes"].is_null());
  EXPECT_EQ(ptt["reason"], "as ptt 3 trees are filled up to 70 levels, 2^70 leaves each");
  EXPECT_EQ(ptt["devices"][1]["fits"], false);
  EXPECT_EQ(ptt["devices"][1]["reason"], ptt["reason"]);
}

// What is not built is predicted as it would be: within a hundredth of what is.
TEST(ForestInspection, BytesAreThoseOfThePrograms) {
  const forest::Ensemble small =
      random_forest({.trees = 60, .depth = 7, .features = 8, .outputs = 4, .perfect = true, .vector_leaves = true});
  const Json json = forest_json(small, "treelite");
  for (const char* name : {"gemm", "tt", "ptt"}) {
    const auto program = build_forest(small, {.strategy = name, .format = graph::Format::OpenVinoIr});
    ASSERT_TRUE(program) << program.error().message();
    const auto strategy = std::find_if(json["strategies"].begin(), json["strategies"].end(),
                                       [&](const Json& each) { return each["strategy"] == name; });
    EXPECT_EQ((*strategy)["bytes"], program->parameter_bytes()) << name;
    EXPECT_EQ((*strategy)["basis"], "exact") << name;
    const auto predicted = predicted_bytes(small, {.strategy = name, .format = graph::Format::OpenVinoIr});
    EXPECT_NEAR(predicted / static_cast<double>(program->parameter_bytes()), 1, 0.01) << name;
  }
  EXPECT_EQ(json["strategies"][3]["hummingbird_bytes"], nullptr);
  // 64 trees of depth 14 are 8 MB for each of 18 numbers, too much to be built for this.
  const Json large =
      forest_json(random_forest({.trees = 64, .depth = 14, .features = 8, .outputs = 100, .skewed = true}), "treelite");
  EXPECT_EQ(large["strategies"][2]["basis"], "predicted");
  EXPECT_NEAR(large["strategies"][2]["bytes"].get<double>(), 64 * 16384.0 * (8 + 400), 1e6);
  EXPECT_EQ(large["strategies"][1]["basis"], "exact");
}

TEST(ForestInspection, SumsAddUp) {
  for (const forest::test::NamedForest& forest : forest::test::forests_of_every_kind()) {
    const Json json = forest_json(forest.ensemble, "treelite");
    const Json& totals = json["totals"];
    std::uint64_t trees = 0, leaves = 0, nodes = 0, by_comparison = 0, thresholds = 0, by_leaves = 0;
    for (const Json& depth : json["depths"]) {
      trees += depth["trees"].get<std::uint64_t>();
      leaves += depth["leaves"].get<std::uint64_t>();
    }
    for (const Json& feature : json["features_used"]) {
      nodes += feature["nodes"].get<std::uint64_t>();
      thresholds += feature["thresholds"].get<std::uint64_t>();
    }
    for (const auto& [comparison, count] : totals["comparisons"].items()) by_comparison += count.get<std::uint64_t>();
    for (const Json& count : json["leaf_counts"])
      by_leaves += count["leaves"].get<std::uint64_t>() * count["trees"].get<std::uint64_t>();
    EXPECT_EQ(trees, totals["trees"]) << forest.name;
    EXPECT_EQ(leaves, totals["leaves"]) << forest.name;
    EXPECT_EQ(nodes, totals["nodes"]) << forest.name;
    EXPECT_EQ(by_comparison, totals["nodes"]) << forest.name;
    EXPECT_EQ(by_leaves, totals["leaves"]) << forest.name;
    EXPECT_EQ(thresholds, totals["thresholds"]) << forest.name;
    EXPECT_EQ(nodes + totals["trees"].get<std::uint64_t>(), leaves) << forest.name;
  }
}

TEST(ForestInspection, TheExactProgramIsLaidOutInTheDevices) {
  const Json json = forest_json(random_forest({.trees = 30, .depth = 6, .features = 8, .perfect = true}), "treelite");
  const Json& exact = json["strategies"][3];
  EXPECT_EQ(exact["strategy"], "exact");
  EXPECT_GT(exact["bytes"].get<std::uint64_t>(), 0u);
  ASSERT_EQ(exact["devices"].size(), 2u);
  const Json& tpu = exact["devices"][0];
  EXPECT_EQ(tpu["fits"], true);
  EXPECT_EQ(tpu["bytes"], tpu["cached_bytes"]);
  EXPECT_EQ(tpu["basis"], "predicted");
  EXPECT_EQ(exact["devices"][1]["fits"], true);
}

TEST(ForestInspection, CountsThresholdsThatFloat32DoesNotHold) {
  const Json narrow = forest_json(random_forest({.precision = forest::Precision::Float32}), "xgboost");
  for (const Json& feature : narrow["features_used"]) EXPECT_EQ(feature["not_float32"], 0);
  const Json wide = forest_json(random_forest({}), "lightgbm");
  for (const Json& feature : wide["features_used"]) EXPECT_EQ(feature["not_float32"], feature["thresholds"]);
}

}  // namespace
}  // namespace edgescope::analysis
