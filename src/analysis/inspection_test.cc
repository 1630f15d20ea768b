#include "analysis/inspection.h"

#include <gtest/gtest.h>

#include "analysis/test_graph.h"

namespace edgescope::analysis {
namespace {

using graph::ElementType;
using graph::Extent;
using graph::Kind;

// conv (8 filters of 3x3x3, bias) -> relu -> fully connected that shares the bias.
graph::Model sample(std::int64_t batch = 1) {
  TestGraph test;
  const int in = test.tensor({batch, 8, 8, 3}, ElementType::Int8);
  const int filter = test.constant({8, 3, 3, 3}, ElementType::Int8);
  const int bias = test.constant({8}, ElementType::Int32);
  const int conv = test.tensor({batch, 8, 8, 8}, ElementType::Int8, "conv");
  const int relu = test.tensor({batch, 8, 8, 8}, ElementType::Int8);
  const int weights = test.constant({8, 8}, ElementType::Int8);
  const int out = test.tensor({batch, 8, 8, 8}, ElementType::Int8);
  test.constant({100}, ElementType::Int8, "unread");
  test.add(Kind::Convolution, {in, filter, bias}, {conv});
  test.add(Kind::Relu, {conv}, {relu});
  test.add(Kind::FullyConnected, {relu, weights, bias}, {out});
  test.graph().inputs = {in};
  test.graph().outputs = {out};
  return test.finish(24);
}

TEST(Inspection, CountsOperators) {
  const graph::Model model = sample();
  const Inspection result = inspect(model);
  const auto& ops = result.subgraphs[0].operators;
  ASSERT_EQ(ops.size(), 3u);
  EXPECT_EQ(ops[0].macs, 64 * 8 * 27);
  EXPECT_EQ(ops[0].parameters, 8u * 27 + 8);
  EXPECT_EQ(ops[0].weight_bytes, 8u * 27 + 32);
  EXPECT_EQ(ops[0].read_bytes, 192);
  EXPECT_EQ(ops[0].written_bytes, 512);
  EXPECT_EQ(ops[1].macs, 0);
  EXPECT_EQ(ops[2].macs, 512 * 8);
}

TEST(Inspection, SharedConstantsAreCountedOnce) {
  const graph::Model model = sample();
  const Inspection result = inspect(model);
  EXPECT_EQ(result.subgraphs[0].operators[2].parameters, 64u);
  EXPECT_EQ(result.subgraphs[0].operators[2].shared_weight_bytes, 32u);
  EXPECT_EQ(result.total.parameters, 8u * 27 + 8 + 64);
  EXPECT_EQ(result.total.weight_bytes, 8u * 27 + 32 + 64);
}

TEST(Inspection, AnActivationReadTwiceByOneOperatorCountsOnce) {
  TestGraph test;
  const int in = test.tensor({4}), out = test.tensor({4});
  test.add(Kind::Multiply, {in, in}, {out});
  const graph::Model model = test.finish();
  EXPECT_EQ(inspect(model).subgraphs[0].operators[0].read_bytes, 16);
}

TEST(Inspection, EveryByteHasAnOwner) {
  const graph::Model model = sample();
  const Inspection result = inspect(model);
  std::uint64_t sum = 0;
  for (const auto& owner : result.files.at(0).owners) sum += owner.bytes;
  EXPECT_EQ(sum, model.files[0].size());
  EXPECT_EQ(sum, result.file_bytes);
  EXPECT_EQ(result.files[0].owners[static_cast<int>(Extent::Owner::Weights)].bytes, 8u * 27 + 32 + 64 + 100);
  EXPECT_EQ(result.files[0].owners[static_cast<int>(Extent::Owner::Padding)].bytes, 24u);
}

TEST(Inspection, KindsAndTypesAddUp) {
  const graph::Model model = sample();
  const Inspection result = inspect(model);
  ASSERT_EQ(result.kinds.size(), 3u);
  EXPECT_EQ(result.kinds[0].kind, Kind::Convolution);
  EXPECT_EQ(result.kinds[1].kind, Kind::FullyConnected);
  EXPECT_EQ(result.kinds[0].sum.macs + result.kinds[1].sum.macs, result.total.macs);
  ASSERT_EQ(result.types.size(), 2u);
  EXPECT_EQ(result.types[0].type, ElementType::Int8);
  EXPECT_EQ(result.types[0].tensors, 3u);
  EXPECT_EQ(result.types[1].bytes, 32u);
}

TEST(Inspection, DynamicDimensionsAreNotGuessed) {
  const graph::Model model = sample(graph::kDynamic);
  const Inspection result = inspect(model);
  EXPECT_EQ(result.subgraphs[0].operators[0].macs, std::nullopt);
  EXPECT_EQ(result.subgraphs[0].operators[0].read_bytes, std::nullopt);
  EXPECT_EQ(result.total.without_macs, 2u);
  EXPECT_EQ(result.total.without_bytes, 3u);
  EXPECT_EQ(result.total.parameters, 8u * 27 + 8 + 64);
}

TEST(Inspection, UnnamedOperatorsGoByTheirOutput) {
  const graph::Model model = sample();
  EXPECT_EQ(operator_name(model.subgraphs[0], model.subgraphs[0].operators[0]), "conv");
}

}  // namespace
}  // namespace edgescope::analysis
