#include "graph/builder.h"

#include <gtest/gtest.h>

#include <cstring>

namespace edgescope::graph {
namespace {

using Dims = Builder::Dims;

TEST(Builder, MakesAModelWhoseConstantsItOwns) {
  Builder b(Format::TfLite, "scale");
  const int x = b.input("x", ElementType::Float32, {2, 3});
  const int w = b.constant<float>("w", {4, 3}, std::vector<float>(12, 0.5f));
  const int y = b.add(Kind::FullyConnected, {x, w}, {{attr::activation, "relu"}}, "dense");
  b.output(y, "y");
  const auto model = std::move(b).finish();
  ASSERT_TRUE(model) << model.error().message();
  const Subgraph& graph = model->subgraphs[0];
  EXPECT_EQ(graph.inputs, std::vector<int>{x});
  EXPECT_EQ(graph.outputs, std::vector<int>{y});
  EXPECT_EQ(graph.tensors[static_cast<std::size_t>(y)].name, "y");
  EXPECT_EQ(graph.tensors[static_cast<std::size_t>(y)].shape.dims, (Dims{2, 4}));
  EXPECT_EQ(graph.operators[0].name, "dense");
  EXPECT_TRUE(graph.operators[0].source_kind.empty());
  EXPECT_EQ(get<std::string>(graph.operators[0].attributes, attr::activation), "relu");
  float first = 0;
  std::memcpy(&first, graph.tensors[static_cast<std::size_t>(w)].data.data(), sizeof(first));
  EXPECT_EQ(first, 0.5f);
}

TEST(Builder, TheFirstMistakeIsTheAnswer) {
  Builder b(Format::Onnx);
  const int x = b.input("x", ElementType::Float32, {2, 3});
  const int wrong = b.add(Kind::Reshape, {x}, {{attr::shape, {4, 2}}}, "wrong");
  b.output(b.add(Kind::Relu, {wrong}));
  const auto model = std::move(b).finish();
  ASSERT_FALSE(model);
  EXPECT_NE(model.error().message().find("2x3 does not have the elements of 4x2"), std::string::npos)
      << model.error().message();
  EXPECT_NE(model.error().message().find("reshape wrong"), std::string::npos);
}

TEST(Builder, AConstantOfTheWrongSizeIsFound) {
  Builder b(Format::OpenVinoIr);
  b.output(b.add(Kind::Relu, {b.constant<float>("c", {3}, {1.0f, 2.0f})}));
  EXPECT_FALSE(std::move(b).finish());
}

TEST(Builder, QuantisesTensors) {
  Builder b(Format::TfLite);
  const int x = b.input("x", ElementType::Int8, {1, 3});
  b.quantize(x, 0.5f, -128);
  b.output(b.add(Kind::Relu, {x}));
  const auto model = std::move(b).finish();
  ASSERT_TRUE(model);
  ASSERT_TRUE(model->subgraphs[0].tensors[0].quantization);
  EXPECT_EQ(model->subgraphs[0].tensors[0].quantization->scales, std::vector<float>{0.5f});
  EXPECT_EQ(model->subgraphs[0].tensors[0].quantization->zero_points, std::vector<std::int64_t>{-128});
}

TEST(Builder, SeveralResults) {
  Builder b(Format::OpenVinoIr);
  const int x = b.input("x", ElementType::Float32, {2, 8});
  const auto parts = b.add_all(Kind::Split, {x}, {{attr::axis, 1}, {attr::sizes, {3, 5}}});
  ASSERT_EQ(parts.size(), 2u);
  EXPECT_EQ(b.dims(parts[1]), (Dims{2, 5}));
  const auto top = b.add_all(Kind::TopK, {x}, {{attr::axis, -1}, {attr::k, 3}});
  ASSERT_EQ(top.size(), 2u);
  EXPECT_EQ(b.dims(top[0]), (Dims{2, 3}));
  EXPECT_EQ(b.type(top[1]), ElementType::Int32);
}

}  // namespace
}  // namespace edgescope::graph
