#include "format/onnx/result_type.h"

#include <gtest/gtest.h>

namespace edgescope::format::onnx {
namespace {

using graph::ElementType;
using graph::Kind;

ElementType type(Kind kind, const std::vector<ElementType>& inputs, graph::Attributes attributes = {},
                 std::size_t output = 0, std::string source = "") {
  graph::Subgraph graph;
  graph::Operator op{.kind = kind, .source_kind = std::move(source), .attributes = std::move(attributes)};
  for (ElementType input : inputs) {
    op.inputs.push_back(static_cast<int>(graph.tensors.size()));
    graph.tensors.push_back({.type = input});
  }
  return result_type(graph, op, output);
}

constexpr ElementType kF32 = ElementType::Float32, kI8 = ElementType::Int8;

TEST(ResultType, MostlyThatOfTheFirstInput) {
  EXPECT_EQ(type(Kind::Relu, {ElementType::Float16}), ElementType::Float16);
  EXPECT_EQ(type(Kind::Select, {ElementType::Bool, kI8, kI8}), kI8);
}

TEST(ResultType, WhereTheDefinitionSaysOtherwise) {
  EXPECT_EQ(type(Kind::Less, {kF32, kF32}), ElementType::Bool);
  EXPECT_EQ(type(Kind::Cast, {kF32}, {{"to", std::string("i8")}}), kI8);
  EXPECT_EQ(type(Kind::Shape, {kF32}), ElementType::Int64);
  EXPECT_EQ(type(Kind::Quantize, {kF32, kF32, kI8}), kI8);
  EXPECT_EQ(type(Kind::Quantize, {kF32, kF32}), ElementType::UInt8);
  EXPECT_EQ(type(Kind::Dequantize, {kI8, kF32}), kF32);
  EXPECT_EQ(type(Kind::MaxPool, {kF32}, {}, 1), ElementType::Int64);
  EXPECT_EQ(type(Kind::IntegerMatmul, {kI8, kI8}), ElementType::Int32);
}

TEST(ResultType, NotGuessed) {
  EXPECT_EQ(type(Kind::Unknown, {kF32}), ElementType::Unknown);
  EXPECT_EQ(type(Kind::If, {ElementType::Bool}), ElementType::Unknown);
  EXPECT_EQ(type(Kind::Relu, {kF32}, {}, 0, "other.domain:Relu"), ElementType::Unknown);
  EXPECT_EQ(type(Kind::Relu, {}), ElementType::Unknown);
}

}  // namespace
}  // namespace edgescope::format::onnx
