#include "format/onnx/shapes.h"

#include <gtest/gtest.h>

#include <cstring>

#include "format/onnx/windows.h"

namespace edgescope::format::onnx {
namespace {

using graph::Attribute;
using graph::ElementType;
using graph::kDynamic;
using graph::Kind;

// One operator between inputs of these shapes and one result of unknown shape and type.
class One {
 public:
  One(Kind kind, std::vector<Dims> inputs, graph::Attributes attributes = {}, std::string source = "") {
    model_.subgraphs.resize(1);
    op_.kind = kind;
    op_.source_kind = std::move(source);
    op_.attributes = std::move(attributes);
    for (Dims& dims : inputs) input(std::move(dims));
  }

  One& input(Dims dims, ElementType type = ElementType::Float32) {
    op_.inputs.push_back(static_cast<int>(graph().tensors.size()));
    graph().tensors.push_back({.type = type, .shape = {.dims = std::move(dims)}});
    return *this;
  }

  One& list(const Dims& values) {
    input({static_cast<std::int64_t>(values.size())}, ElementType::Int64);
    auto bytes = std::make_shared<std::vector<std::byte>>(values.size() * 8);
    if (!values.empty()) std::memcpy(bytes->data(), values.data(), bytes->size());
    model_.owned.push_back(bytes);
    graph().tensors.back().constant = true;
    graph().tensors.back().data = *bytes;
    return *this;
  }

  const graph::Tensor& result(std::size_t outputs = 1, std::size_t index = 0) {
    const std::size_t first = graph().tensors.size();
    for (std::size_t i = 0; i < outputs; ++i) {
      op_.outputs.push_back(static_cast<int>(graph().tensors.size()));
      graph().tensors.push_back({.shape = {.known = false}});
    }
    graph().operators.push_back(op_);
    infer_shapes(model_);
    return graph().tensors[first + index];
  }
  Dims dims(std::size_t outputs = 1, std::size_t index = 0) {
    const graph::Tensor& tensor = result(outputs, index);
    return tensor.shape.known ? tensor.shape.dims : Dims{-99};
  }

 private:
  graph::Subgraph& graph() { return model_.subgraphs[0]; }
  graph::Model model_{.format = graph::Format::Onnx, .layout = graph::Layout::ChannelsFirst};
  graph::Operator op_;
};

const Dims kUnknown = {-99};

TEST(Shapes, Windows) {
  EXPECT_EQ(One(Kind::Convolution, {{1, 3, 5, 5}, {8, 3, 3, 3}}, {{"kernel", Dims{3, 3}}}).dims(), (Dims{1, 8, 3, 3}));
  EXPECT_EQ(One(Kind::TransposedConvolution, {{1, 8, 5, 5}, {8, 4, 3, 3}}).dims(), (Dims{1, 4, 7, 7}));
  EXPECT_EQ(One(Kind::MaxPool, {{1, 8, 5, 5}}, {{"kernel", Dims{2, 2}}, {"strides", Dims{2, 2}}}).dims(2, 1),
            (Dims{1, 8, 2, 2}));
}

TEST(Shapes, MatrixProducts) {
  EXPECT_EQ(One(Kind::FullyConnected, {{10, 4}, {5, 10}}, {{"transpose_a", true}, {"transpose_b", true}}).dims(),
            (Dims{4, 5}));
  EXPECT_EQ(One(Kind::Matmul, {{7, 1, 3, 4}, {2, 4, 5}}).dims(), (Dims{7, 2, 3, 5}));
  EXPECT_EQ(One(Kind::Matmul, {{4}, {4}}).dims(), Dims{});
  EXPECT_EQ(One(Kind::Matmul, {{4}, {4, 5}}).dims(), Dims{5});
}

TEST(Shapes, Broadcasting) {
  EXPECT_EQ(One(Kind::Add, {{8, 1, 6}, {7, 1}}).dims(), (Dims{8, 7, 6}));
  EXPECT_EQ(One(Kind::Add, {{kDynamic, 4}, {1, 4}}).dims(), (Dims{kDynamic, 4}));
  EXPECT_EQ(One(Kind::Add, {{3}, {4}}).dims(), kUnknown);
}

TEST(Shapes, Reshapes) {
  EXPECT_EQ(One(Kind::Reshape, {{2, 3, 4}}).list({0, -1}).dims(), (Dims{2, 12}));
  EXPECT_EQ(One(Kind::Reshape, {{kDynamic, 3, 4}}).list({-1, 12}).dims(), (Dims{kDynamic, 12}));
  EXPECT_EQ(One(Kind::Reshape, {{2, 3}}).list({-7, 6}).dims(), kUnknown);
  EXPECT_EQ(One(Kind::Reshape, {{2, 3}, {2}}).dims(), kUnknown);
  EXPECT_EQ(One(Kind::Flatten, {{2, 3, 4}}, {{"axis", std::int64_t{-1}}}).dims(), (Dims{6, 4}));
  EXPECT_EQ(One(Kind::Squeeze, {{1, 3, 1, 4}}).list({0, -2}).dims(), (Dims{3, 4}));
  EXPECT_EQ(One(Kind::Squeeze, {{1, 3, 1}}).dims(), Dims{3});
  EXPECT_EQ(One(Kind::Unsqueeze, {{3, 4}}, {{"axes", Dims{0, 3}}}).dims(), (Dims{1, 3, 4, 1}));
  EXPECT_EQ(One(Kind::Unsqueeze, {{3, 4}}).list({7}).dims(), kUnknown);
  EXPECT_EQ(One(Kind::Transpose, {{2, 3, 4}}).dims(), (Dims{4, 3, 2}));
  EXPECT_EQ(One(Kind::Transpose, {{2, 3, 4}}, {{"permutation", Dims{1, 0, 2}}}).dims(), (Dims{3, 2, 4}));
}

TEST(Shapes, CutsAndJoins) {
  EXPECT_EQ(One(Kind::Concatenation, {{1, 3}, {1, 4}}, {{"axis", std::int64_t{1}}}).dims(), (Dims{1, 7}));
  EXPECT_EQ(One(Kind::Split, {{7, 2}}, {{"axis", std::int64_t{0}}}).dims(3, 2), (Dims{1, 2}));
  EXPECT_EQ(One(Kind::Split, {{7, 2}}, {{"axis", std::int64_t{0}}}).list({5, 2}).dims(2, 1), (Dims{2, 2}));
  EXPECT_EQ(One(Kind::Slice, {{20, 10}}).list({0, -3}).list({3, INT64_MAX}).dims(), (Dims{3, 3}));
  EXPECT_EQ(One(Kind::Slice, {{20}}).list({-1}).list({INT64_MIN}).list({0}).list({-4}).dims(), Dims{5});
  EXPECT_EQ(One(Kind::Slice, {{0}}).list({0}).list({5}).dims(), Dims{0});
  EXPECT_EQ(One(Kind::Pad, {{2, 3}}, {{"pads_begin", Dims{0, 1}}, {"pads_end", Dims{2, -1}}}).dims(), (Dims{4, 3}));
  EXPECT_EQ(One(Kind::Gather, {{5, 6}, {2, 3}}, {{"axis", std::int64_t{1}}}).dims(), (Dims{5, 2, 3}));
  EXPECT_EQ(One(Kind::Tile, {{2, 3}}).list({2, 2}).dims(), (Dims{4, 6}));
}

TEST(Shapes, Reductions) {
  EXPECT_EQ(One(Kind::ReduceMean, {{2, 3, 4}}, {{"axes", Dims{-1}}, {"keep_dims", false}}).dims(), (Dims{2, 3}));
  EXPECT_EQ(One(Kind::ReduceSum, {{2, 3, 4}}).dims(), (Dims{1, 1, 1}));
  EXPECT_EQ(One(Kind::ReduceSum, {{2, 3}}, {{"noop_with_empty_axes", std::int64_t{1}}}).dims(), (Dims{2, 3}));
  EXPECT_EQ(One(Kind::ArgMax, {{2, 3}}, {{"axis", std::int64_t{1}}}).dims(), (Dims{2, 1}));
}

TEST(Shapes, OneAfterTheOther) {
  graph::Model model{.format = graph::Format::Onnx};
  graph::Subgraph& graph = model.subgraphs.emplace_back();
  graph.tensors = {{.type = ElementType::Float32, .shape = {.dims = {1, 4}}},
                   {.shape = {.known = false}},
                   {.shape = {.known = false}}};
  graph.operators = {{.kind = Kind::Tanh, .inputs = {1}, .outputs = {2}},
                     {.kind = Kind::Relu, .inputs = {0}, .outputs = {1}}};
  infer_shapes(model);
  EXPECT_EQ(graph.tensors[2].shape.dims, (Dims{1, 4}));
}

TEST(Shapes, WhatTheFileSaysStays) {
  graph::Model model{.format = graph::Format::Onnx};
  graph::Subgraph& graph = model.subgraphs.emplace_back();
  graph.tensors = {{.type = ElementType::Float32, .shape = {.dims = {1, 4}}}, {.shape = {.dims = {kDynamic, 4}}}};
  graph.operators = {{.kind = Kind::Relu, .inputs = {0}, .outputs = {1}}};
  infer_shapes(model);
  EXPECT_EQ(graph.tensors[1].shape.dims, (Dims{kDynamic, 4}));
  EXPECT_EQ(graph.tensors[1].type, ElementType::Float32);
}

TEST(Shapes, KindsWithoutARuleStayUnknown) {
  EXPECT_EQ(One(Kind::NonZero, {{2}}).dims(), kUnknown);
  EXPECT_EQ(One(Kind::Unknown, {{2}}).dims(), kUnknown);
  const std::int64_t huge = INT64_MAX;
  EXPECT_EQ(One(Kind::Concatenation, {{huge}, {huge}}).dims(), Dims{kDynamic});
}

}  // namespace
}  // namespace edgescope::format::onnx
