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
  EXPECT_DOUBLE_EQ(small.microseconds.low, small.microseconds.high);
  EXPECT_NEAR(more.microseconds.low - small.microseconds.low, 10 * 29 * 0.75, 1e-9);
  EXPECT_EQ(more.basis, "predicted(stage law)");
  const auto elements = predict(repeated(3, "Less", 30000));
  EXPECT_GT(elements.microseconds.low, small.microseconds.low + 1000);
  EXPECT_LT(predict(repeated(1, "Less", 40000)).microseconds.high,
            predict(repeated(1, "Less", 30000)).microseconds.high)
      << "an element of a large tensor costs less";
  EXPECT_GT(predict(repeated(3, "Gather", 30000)).microseconds.high, elements.microseconds.high);
  ASSERT_TRUE(more.millijoules);
  EXPECT_GT(more.millijoules->low, 1.5);
}

TEST(StageLaw, SaysThatConvolutionsAreNotInIt) {
  EXPECT_EQ(predict(repeated(3, "Less", 10)).assumptions.size(), 1u);
  EXPECT_EQ(predict(repeated(3, "MyriadXHwOp", 10)).assumptions.size(), 2u);
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
    if (row.at("convention") == "minus floor") measured += prediction.terms.front().microseconds.low;
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
