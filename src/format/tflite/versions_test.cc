#include <gtest/gtest.h>

#include "format/tflite/lower.h"

namespace edgescope::format::tflite {
namespace {

using graph::ElementType;

std::int64_t version(std::string kind, std::vector<ElementType> types, graph::Attributes attributes = {}) {
  graph::Subgraph graph;
  graph::Operator op{.source_kind = std::move(kind), .attributes = std::move(attributes)};
  for (ElementType type : types) {
    op.inputs.push_back(static_cast<int>(graph.tensors.size()));
    graph.tensors.push_back({.type = type});
  }
  return smallest_version(op, graph);
}

// As the vendor's converter numbers them (tensorflow/lite/tools/versioning/op_version.cc).
TEST(TfLiteVersions, AreTheSmallestThatHaveWhatIsUsed) {
  using enum ElementType;
  EXPECT_EQ(version("ADD", {Float32, Float32}), 1);
  EXPECT_EQ(version("ADD", {Int8, Int8}), 2);
  EXPECT_EQ(version("CONV_2D", {Int8, Int8, Int32}), 3);
  EXPECT_EQ(version("CONV_2D", {Float32, Int8, Float32}), 2);
  EXPECT_EQ(version("EXP", {Float32}), 1);
  EXPECT_EQ(version("EXP", {Int8}), 2);
  EXPECT_EQ(version("FULLY_CONNECTED", {Float32, Float32, Float32}), 1);
  EXPECT_EQ(version("FULLY_CONNECTED", {Int8, Int8, Int32}), 4);
  EXPECT_EQ(version("FULLY_CONNECTED", {Float32, Float32, Float32}, {{"keep_num_dims", true}}), 5);
  EXPECT_EQ(version("SPLIT", {Int32, Int8}), 2);
  EXPECT_EQ(version("GATHER", {Float32, Int32}, {{"batch_dims", std::int64_t{1}}}), 5);
  EXPECT_EQ(version("BROADCAST_TO", {Float32, Int32}), 2);
  EXPECT_EQ(version("SELECT_V2", {Bool, Int8, Int8}), 1);
}

}  // namespace
}  // namespace edgescope::format::tflite
