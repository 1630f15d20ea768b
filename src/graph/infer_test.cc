#include "graph/infer.h"

#include <gtest/gtest.h>

#include "graph/builder.h"

namespace edgescope::graph {
namespace {

using Dims = std::vector<std::int64_t>;

// The shape that a kind makes of inputs of these shapes; empty where it refuses.
std::optional<Dims> made(Kind kind, const std::vector<Dims>& shapes, std::initializer_list<Named> attributes = {},
                         Layout layout = Layout::ChannelsLast, ElementType type = ElementType::Float32) {
  Operator op{.kind = kind};
  for (const Named& each : attributes) op.attributes.push_back(each);
  std::vector<Tensor> tensors;
  for (const Dims& dims : shapes) tensors.push_back({.type = type, .shape = {.dims = dims}});
  if (kind == Kind::Select) tensors[0].type = ElementType::Bool;
  std::vector<const Tensor*> inputs;
  for (const Tensor& each : tensors) inputs.push_back(&each);
  const auto results = infer(op, inputs, layout);
  if (!results) return std::nullopt;
  return results->front().dims;
}

TEST(Infer, ElementWiseOperationsBroadcast) {
  EXPECT_EQ(made(Kind::Add, {{2, 1, 3}, {4, 1}}), (Dims{2, 4, 3}));
  EXPECT_EQ(made(Kind::Less, {{3}, {2, 3}}), (Dims{2, 3}));
  EXPECT_EQ(made(Kind::Add, {{2, 3}, {2}}), std::nullopt);
  EXPECT_EQ(made(Kind::Select, {{2, 1}, {1, 3}, {}}), (Dims{2, 3}));
}

TEST(Infer, MatrixProducts) {
  EXPECT_EQ(made(Kind::FullyConnected, {{2, 5, 3}, {4, 3}}), (Dims{2, 5, 4}));
  EXPECT_EQ(made(Kind::FullyConnected, {{2, 5}, {4, 3}}), std::nullopt);
  EXPECT_EQ(made(Kind::Matmul, {{7, 2, 3}, {3, 4}}), (Dims{7, 2, 4}));
  EXPECT_EQ(made(Kind::Matmul, {{3, 2}, {5, 4, 3}}, {{attr::transpose_a, true}, {attr::transpose_b, true}}),
            (Dims{5, 2, 4}));
}

TEST(Infer, WindowsInBothLayouts) {
  EXPECT_EQ(
      made(Kind::Convolution, {{1, 8, 9, 3}, {4, 3, 3, 3}, {4}}, {{attr::padding, "same"}, {attr::strides, {2, 2}}}),
      (Dims{1, 4, 5, 4}));
  EXPECT_EQ(made(Kind::Convolution, {{1, 3, 8, 9}, {4, 3, 3, 3}}, {}, Layout::ChannelsFirst), (Dims{1, 4, 6, 7}));
  EXPECT_EQ(made(Kind::Convolution, {{1, 4, 8, 9}, {4, 2, 3, 3}},
                 {{attr::groups, 2}, {attr::padding, "explicit"}, {attr::pads_begin, {1, 1}}, {attr::pads_end, {1, 0}}},
                 Layout::ChannelsFirst),
            (Dims{1, 4, 8, 8}));
  EXPECT_EQ(made(Kind::TransposedConvolution, {{1, 4, 5, 3}, {6, 3, 3, 3}}, {{attr::strides, {2, 2}}}),
            (Dims{1, 9, 11, 6}));
  EXPECT_EQ(made(Kind::TransposedConvolution, {{1, 4, 4, 5}, {4, 3, 3, 3}},
                 {{attr::strides, {2, 2}},
                  {attr::pads_begin, {1, 1}},
                  {attr::pads_end, {1, 0}},
                  {attr::output_padding, {1, 0}},
                  {attr::groups, 2}},
                 Layout::ChannelsFirst),
            (Dims{1, 6, 8, 10}));
  EXPECT_EQ(made(Kind::TransposedConvolution, {{1, 4, 5, 3}, {6, 3, 3, 4}}), std::nullopt) << "of other channels";
  EXPECT_EQ(made(Kind::DepthwiseConvolution, {{1, 8, 8, 3}, {1, 3, 3, 6}}, {{attr::dilations, {2, 2}}}),
            (Dims{1, 4, 4, 6}));
  EXPECT_EQ(made(Kind::MaxPool, {{1, 8, 8, 3}}, {{attr::kernel, {2, 2}}, {attr::strides, {2, 2}}}), (Dims{1, 4, 4, 3}));
  EXPECT_EQ(made(Kind::Convolution, {{1, 8, 9, 2}, {4, 3, 3, 3}}), std::nullopt);
}

TEST(Infer, Rearrangements) {
  EXPECT_EQ(made(Kind::Reshape, {{2, 6}}, {{attr::shape, {3, -1}}}), (Dims{3, 4}));
  EXPECT_EQ(made(Kind::Squeeze, {{1, 2, 1}}, {{attr::axes, {-1}}}), (Dims{1, 2}));
  EXPECT_EQ(made(Kind::Squeeze, {{1, 2, 1}}, {{attr::axes, {1}}}), std::nullopt);
  EXPECT_EQ(made(Kind::Unsqueeze, {{2, 3}}, {{attr::axes, {0, 3}}}), (Dims{1, 2, 3, 1}));
  EXPECT_EQ(made(Kind::Transpose, {{2, 3, 4}}, {{attr::permutation, {2, 0, 1}}}), (Dims{4, 2, 3}));
  EXPECT_EQ(made(Kind::Transpose, {{2, 3}}, {{attr::permutation, {0, 0}}}), std::nullopt);
  EXPECT_EQ(made(Kind::Concatenation, {{2, 3}, {2, 4}, {2, 5}}, {{attr::axis, -1}}), (Dims{2, 12}));
  EXPECT_EQ(made(Kind::Concatenation, {{2, 3}, {3, 4}}, {{attr::axis, 1}}), std::nullopt);
  EXPECT_EQ(made(Kind::Slice, {{5, 6}}, {{attr::begin, {1, 2}}, {attr::sizes, {3, 4}}}), (Dims{3, 4}));
  EXPECT_EQ(made(Kind::StridedSlice, {{5, 6}}, {{attr::begin, {0, -4}}, {attr::end, {5, 6}}, {attr::strides, {2, 3}}}),
            (Dims{3, 2}));
  EXPECT_EQ(made(Kind::Pad, {{5, 6}}, {{attr::pads_begin, {1, 0}}, {attr::pads_end, {0, 2}}}), (Dims{6, 8}));
  EXPECT_EQ(made(Kind::Tile, {{5, 6}}, {{attr::repeats, {2, 1}}}), (Dims{10, 6}));
  EXPECT_EQ(made(Kind::Expand, {{1, 6}}, {{attr::shape, {3, 4, 1}}}), (Dims{3, 4, 6}));
}

TEST(Infer, LookUps) {
  EXPECT_EQ(made(Kind::Gather, {{5, 6, 7}, {2, 3}}, {{attr::axis, 1}}), (Dims{5, 2, 3, 7}));
  EXPECT_EQ(made(Kind::Gather, {{5, 6}, {5, 3}}, {{attr::axis, 1}, {attr::batch_dims, 1}}), (Dims{5, 3}));
  EXPECT_EQ(made(Kind::GatherElements, {{5, 6}, {5, 9}}, {{attr::axis, 1}}), (Dims{5, 9}));
}

TEST(Infer, Reductions) {
  EXPECT_EQ(made(Kind::ReduceSum, {{5, 6, 7}}, {{attr::axes, {-1, 0}}}), (Dims{6}));
  EXPECT_EQ(made(Kind::ReduceMean, {{5, 6, 7}}, {{attr::axes, {1}}, {attr::keep_dims, true}}), (Dims{5, 1, 7}));
  EXPECT_EQ(made(Kind::ArgMax, {{5, 6}}, {{attr::axis, 1}}), (Dims{5}));
  EXPECT_EQ(made(Kind::TopK, {{5, 6}}, {{attr::axis, 1}, {attr::k, 7}}), std::nullopt);
}

TEST(Infer, TypesFollowTheKind) {
  Tensor x{.type = ElementType::Float32, .shape = {.dims = {2}}}, i{.type = ElementType::Int32, .shape = {.dims = {2}}};
  const auto type = [&](Kind kind, std::vector<const Tensor*> inputs, std::initializer_list<Named> attributes = {}) {
    Operator op{.kind = kind};
    for (const Named& each : attributes) op.attributes.push_back(each);
    const auto results = infer(op, inputs, Layout::ChannelsLast);
    return results ? results->front().type : ElementType::Unknown;
  };
  EXPECT_EQ(type(Kind::Equal, {&x, &x}), ElementType::Bool);
  EXPECT_EQ(type(Kind::Equal, {&x, &i}), ElementType::Unknown);
  EXPECT_EQ(type(Kind::Cast, {&x}, {{attr::to, ElementType::Float16}}), ElementType::Float16);
  EXPECT_EQ(type(Kind::Dequantize, {&i}), ElementType::Float32);
  EXPECT_EQ(type(Kind::ArgMin, {&x}, {{attr::axis, 0}, {attr::to, "i64"}}), ElementType::Int64);
  EXPECT_EQ(type(Kind::Einsum, {&x}), ElementType::Unknown);
}

TEST(Infer, OpenDimensionsAreRefused) { EXPECT_EQ(made(Kind::Relu, {{kDynamic, 2}}), std::nullopt); }

}  // namespace
}  // namespace edgescope::graph
