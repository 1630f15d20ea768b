#include "target/ncs2/cost.h"

#include <gtest/gtest.h>

#include "support/csv.h"
#include "support/reference.h"

namespace edgescope::target::ncs2 {
namespace {

std::vector<Stage> repeated(std::size_t count, const std::string& kind, std::uint64_t elements_together) {
  std::vector<Stage> stages(count, Stage{.kind = kind, .output_elements = count ? elements_together / count : 0});
  return stages;
}

std::vector<Stage> operator+(std::vector<Stage> a, const std::vector<Stage>& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

TEST(StageLaw, StagesAndElementsCost) {
  const auto small = predict(repeated(3, "Copy", 0)), more = predict(repeated(13, "Copy", 0));
  EXPECT_LT(small.microseconds.low, 1570);
  EXPECT_GT(small.microseconds.high, 1570);
  EXPECT_NEAR(more.microseconds.low - small.microseconds.low, 10 * 29 * 0.75, 1e-9);
  EXPECT_EQ(more.basis, "predicted(stage law)");
  EXPECT_DOUBLE_EQ(predict(repeated(4, "Copy", 0), {.batch = 4}).microseconds.low,
                   predict(repeated(16, "Copy", 0)).microseconds.low)
      << "each image goes through all stages";
  const auto elements = predict(repeated(3, "Less", 30000));
  EXPECT_GT(elements.microseconds.low, small.microseconds.low + 1000);
  EXPECT_LT(predict(repeated(1, "Less", 40000)).microseconds.high,
            predict(repeated(1, "Less", 30000)).microseconds.high)
      << "an element of a large tensor costs less";
  EXPECT_GT(predict(repeated(3, "Gather", 30000)).microseconds.high, elements.microseconds.high);
  ASSERT_TRUE(more.millijoules);
  EXPECT_GT(more.millijoules->low, 1.26);
}

TEST(StageLaw, WhatForestsDoNotHaveIsWide) {
  const auto forest = predict(repeated(3, "Less", 10));
  EXPECT_EQ(forest.assumptions.size(), 1u);
  const auto network =
      predict(repeated(3, "MyriadXHwOp", 10), {.hardware_macs = 500'000'000, .weight_bytes = 8'000'000});
  EXPECT_EQ(network.assumptions.size(), 2u);
  EXPECT_FALSE(network.millijoules) << "nothing is known of it";
  EXPECT_GT(network.microseconds.high, 1.5 * network.microseconds.low);
  const auto on_shaves = predict(repeated(3, "Conv", 10), {.shave_macs = 500'000'000});
  EXPECT_GT(on_shaves.microseconds.high, 2 * network.microseconds.high);
  std::vector<Stage> image = {{.kind = "Sum", .output_elements = 1'000'000, .image = true}}, vector = image;
  vector.front().image = false;
  EXPECT_LT(predict(image).microseconds.low, predict(vector).microseconds.low) << "lines cost less than elements";
}

// Published series of one network at growing width, batch 1, measured on the device.
TEST(StageLaw, HoldsOnFullyConnectedNetworks) {
  EDGESCOPE_REFERENCE_OR_SKIP(table, "latency/ncs2_nets.csv");
  int rows = 0;
  for (const auto& row : testing_support::read_csv(table)) {
    if (!row.at("model").starts_with("MLP") || row.at("batch") != "1") continue;
    // Four layers, each a stage or a few, between two conversions.
    const auto macs = static_cast<std::uint64_t>(std::stod(row.at("macs")));
    const auto prediction =
        predict(repeated(10, "MyriadXHwOp", 4000), {.hardware_macs = macs, .weight_bytes = 2 * macs});
    const double measured = 1000 * std::stod(row.at("latency_ms"));
    EXPECT_LE(prediction.microseconds.low, measured) << row.at("model");
    EXPECT_GE(prediction.microseconds.high, measured) << row.at("model");
    ++rows;
  }
  EXPECT_EQ(rows, 4);
}

// Tree traversal, of T trees of depth D as the stage lists of real compiles have it.
TEST(StageLaw, HoldsOnTheVisibleMeasurements) {
  EDGESCOPE_REFERENCE_OR_SKIP(table, "latency/ncs2_forest.csv");
  int programs = 0, inside = 0, energy = 0;
  for (const auto& row : testing_support::read_csv(table)) {
    if (row.at("device") != "ncs2" || row.at("series") != "trees" || row.at("strategy") == "gemm") continue;
    const auto trees = std::stoul(row.at("trees")), depth = std::stoul(row.at("max_depth"));
    const bool tt = row.at("strategy") == "tt";
    const std::size_t stages = tt ? 13 * depth + 1 : 11 * depth + 2, gathers = tt ? 5 * depth - 3 : 3 * depth - 1;
    const std::uint64_t elements = (tt ? 8 * depth : 8 * depth - 1) * trees + 16,
                        gathered = (tt ? 5 * depth : 3 * depth + 2) * trees;
    const Prediction prediction =
        predict(repeated(stages - gathers, "Less", elements) + repeated(gathers, "Gather", gathered));
    double measured = std::stod(row.at("latency_ms")) * 1000;
    if (row.at("convention") == "minus floor") measured += 1570;
    ++programs;
    inside += prediction.microseconds.low <= measured && measured <= prediction.microseconds.high;
    const double millijoules = std::stod(row.at("energy_mj"));
    energy += prediction.millijoules->low <= millijoules && millijoules <= prediction.millijoules->high;
  }
  EXPECT_EQ(programs, 16);
  EXPECT_GE(inside, 15);
  EXPECT_GE(energy, 15);
}

}  // namespace
}  // namespace edgescope::target::ncs2
