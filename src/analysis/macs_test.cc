#include "analysis/macs.h"

#include <gtest/gtest.h>

#include "analysis/test_graph.h"

namespace edgescope::analysis {
namespace {

using graph::Attribute;
using graph::Format;
using graph::kDynamic;
using graph::Kind;
using Dims = TestGraph::Dims;
using Count = std::optional<std::uint64_t>;

// One operator with inputs and outputs of these shapes; an empty optional is an omitted input.
Count count(Format format, Kind kind, const std::vector<std::optional<Dims>>& inputs, const Dims& output,
            graph::Attributes attributes = {}) {
  TestGraph test(format);
  std::vector<int> in;
  for (const auto& dims : inputs) in.push_back(dims ? test.tensor(*dims) : -1);
  const int out = test.tensor(output);
  test.add(kind, in, {out}, std::move(attributes));
  const graph::Model model = test.finish();
  return macs(model, model.subgraphs[0], model.subgraphs[0].operators[0]);
}

TEST(Macs, ConvolutionInEveryLayout) {
  // 112 x 112 positions, 32 filters of 3 x 3 x 3.
  const std::uint64_t expected = 112ull * 112 * 32 * 27;
  EXPECT_EQ(
      count(Format::TfLite, Kind::Convolution, {Dims{1, 224, 224, 3}, Dims{32, 3, 3, 3}, Dims{32}}, {1, 112, 112, 32}),
      expected);
  EXPECT_EQ(count(Format::Onnx, Kind::Convolution, {Dims{1, 3, 224, 224}, Dims{32, 3, 3, 3}}, {1, 32, 112, 112}),
            expected);
  EXPECT_EQ(count(Format::OpenVinoIr, Kind::Convolution, {Dims{1, 3, 224, 224}, Dims{32, 3, 3, 3}}, {1, 32, 112, 112}),
            expected);
}

TEST(Macs, ConvolutionCountsTheBatch) {
  EXPECT_EQ(count(Format::Onnx, Kind::Convolution, {Dims{4, 1, 5, 5}, Dims{2, 1, 3, 3}}, {4, 2, 3, 3}), 4 * 9 * 2 * 9);
}

TEST(Macs, ConvolutionIn1And3Dimensions) {
  EXPECT_EQ(count(Format::Onnx, Kind::Convolution, {Dims{1, 4, 10}, Dims{8, 4, 3}}, {1, 8, 8}), 8 * 8 * 12);
  // TFLite's CONV_3D holds its filter as D, H, W, in, out.
  EXPECT_EQ(count(Format::TfLite, Kind::Convolution, {Dims{1, 4, 4, 4, 2}, Dims{3, 3, 3, 2, 5}}, {1, 2, 2, 2, 5}),
            8 * 5 * 27 * 2);
}

TEST(Macs, DepthwiseAndGrouped) {
  EXPECT_EQ(count(Format::TfLite, Kind::DepthwiseConvolution, {Dims{1, 8, 8, 16}, Dims{1, 3, 3, 32}, Dims{32}},
                  {1, 8, 8, 32}),
            8 * 8 * 32 * 9);
  EXPECT_EQ(count(Format::Onnx, Kind::DepthwiseConvolution, {Dims{1, 16, 8, 8}, Dims{16, 1, 3, 3}}, {1, 16, 8, 8}),
            8 * 8 * 16 * 9);
  // IR: groups first. 2 groups, 4 outputs each of 3 inputs each.
  EXPECT_EQ(count(Format::OpenVinoIr, Kind::GroupConvolution, {Dims{1, 6, 5, 5}, Dims{2, 4, 3, 3, 3}}, {1, 8, 3, 3}),
            3 * 3 * 8 * 3 * 9);
}

TEST(Macs, TransposedConvolutionByItsInput) {
  EXPECT_EQ(count(Format::TfLite, Kind::TransposedConvolution, {Dims{4}, Dims{8, 2, 2, 16}, Dims{1, 7, 7, 16}},
                  {1, 14, 14, 8}),
            7 * 7 * 16 * 8 * 4);
  EXPECT_EQ(count(Format::Onnx, Kind::TransposedConvolution, {Dims{1, 16, 7, 7}, Dims{16, 8, 2, 2}}, {1, 8, 14, 14}),
            7 * 7 * 16 * 8 * 4);
}

TEST(Macs, DeformableAndQuantizedConvolutionsFindTheirFilter) {
  const Dims data = {1, 4, 6, 6}, filter = {8, 4, 3, 3}, offsets = {1, 18, 4, 4}, out = {1, 8, 4, 4};
  const std::uint64_t expected = 16 * 8 * 36;
  EXPECT_EQ(count(Format::Onnx, Kind::DeformableConvolution, {data, filter, offsets}, out), expected);
  EXPECT_EQ(count(Format::OpenVinoIr, Kind::DeformableConvolution, {data, offsets, filter}, out), expected);
  EXPECT_EQ(count(Format::Onnx, Kind::QuantizedConvolution, {data, Dims{}, Dims{}, filter, Dims{}, Dims{}}, out),
            expected);
  EXPECT_EQ(count(Format::Onnx, Kind::IntegerConvolution, {data, filter}, out), expected);
}

TEST(Macs, FullyConnected) {
  EXPECT_EQ(count(Format::TfLite, Kind::FullyConnected, {Dims{2, 1280}, Dims{1001, 1280}, std::nullopt}, {2, 1001}),
            2 * 1280 * 1001);
  EXPECT_EQ(count(Format::Onnx, Kind::FullyConnected, {Dims{2, 10}, Dims{10, 5}, Dims{5}}, {2, 5}), 2 * 10 * 5);
  EXPECT_EQ(count(Format::TfLite, Kind::FullyConnected, {Dims{4, 7, 16}, Dims{8, 16}}, {4, 7, 8}), 4 * 7 * 16 * 8);
}

TEST(Macs, MatrixProducts) {
  EXPECT_EQ(count(Format::Onnx, Kind::Matmul, {Dims{2, 3, 4, 5}, Dims{5, 6}}, {2, 3, 4, 6}), 6 * 4 * 5 * 6);
  EXPECT_EQ(count(Format::TfLite, Kind::Matmul, {Dims{5, 4}, Dims{5, 6}}, {4, 6}, {{"transpose_a", Attribute(true)}}),
            4 * 5 * 6);
  EXPECT_EQ(count(Format::OpenVinoIr, Kind::Matmul, {Dims{4, kDynamic}, Dims{6, 5}}, {4, 6},
                  {{"transpose_b", Attribute(true)}}),
            4 * 5 * 6);
  EXPECT_EQ(count(Format::Onnx, Kind::Matmul, {Dims{5}, Dims{5}}, {}), 5);
  EXPECT_EQ(count(Format::Onnx, Kind::QuantizedMatmul, {Dims{4, 5}, Dims{}, Dims{}, Dims{5, 6}}, {4, 6}), 4 * 5 * 6);
  EXPECT_EQ(count(Format::Onnx, Kind::IntegerMatmul, {Dims{4, 5}, Dims{5, 6}}, {4, 6}), 4 * 5 * 6);
}

TEST(Macs, Einsum) {
  const auto einsum = [](const std::string& equation, const std::vector<std::optional<Dims>>& inputs) {
    return count(Format::Onnx, Kind::Einsum, inputs, {1}, {{"equation", Attribute(equation)}});
  };
  EXPECT_EQ(einsum("bij, bjk -> bik", {Dims{2, 3, 4}, Dims{2, 4, 5}}), 2 * 3 * 4 * 5);
  EXPECT_EQ(einsum("...ij,...jk->...ik", {Dims{7, 2, 3, 4}, Dims{2, 4, 5}}), 7 * 2 * 3 * 4 * 5);
  EXPECT_EQ(einsum("ij,ij", {Dims{3, 4}, Dims{3, 4}}), 12);
  EXPECT_EQ(einsum("ij->ji", {Dims{3, 4}}), 0);
  EXPECT_EQ(einsum("ij,jk->ik", {Dims{3, kDynamic}, Dims{4, 5}}), std::nullopt);
  EXPECT_EQ(einsum("ijk,jk->ik", {Dims{3, 4}, Dims{4, 5}}), std::nullopt);
  EXPECT_EQ(einsum("i,j,k->ijk", {Dims{3}, Dims{4}, Dims{5}}), std::nullopt);
}

TEST(Macs, Recurrent) {
  // 7 steps of 2 rows, 10 inputs, 20 cells.
  const std::uint64_t lstm = 7ull * 2 * 4 * 20 * (10 + 20);
  EXPECT_EQ(count(Format::Onnx, Kind::Lstm, {Dims{7, 2, 10}, Dims{1, 80, 10}, Dims{1, 80, 20}}, {7, 1, 2, 20}), lstm);
  EXPECT_EQ(
      count(Format::OpenVinoIr, Kind::Lstm,
            {Dims{2, 7, 10}, Dims{2, 1, 20}, Dims{2, 1, 20}, Dims{2}, Dims{1, 80, 10}, Dims{1, 80, 20}, Dims{1, 80}},
            {2, 1, 7, 20}),
      lstm);
  std::vector<std::optional<Dims>> sequence(24);
  sequence[0] = Dims{7, 2, 10};
  for (std::size_t i = 1; i <= 4; ++i) sequence[i] = Dims{20, 10};
  for (std::size_t i = 5; i <= 8; ++i) sequence[i] = Dims{20, 20};
  EXPECT_EQ(count(Format::TfLite, Kind::LstmSequence, sequence, {7, 2, 20}), lstm);
  sequence[1] = sequence[5] = std::nullopt;  // coupled input and forget gates
  EXPECT_EQ(count(Format::TfLite, Kind::LstmSequence, sequence, {7, 2, 20}), lstm / 4 * 3);
  EXPECT_EQ(count(Format::TfLite, Kind::Lstm, {Dims{2, 10}, Dims{2, 20}, Dims{80, 30}, Dims{80}, Dims{2, 20}}, {2, 20}),
            2 * 80 * 30);
  EXPECT_EQ(count(Format::Onnx, Kind::Gru, {Dims{7, 2, 10}, Dims{2, 60, 10}, Dims{2, 60, 20}}, {7, 2, 2, 20}),
            7 * 2 * 2 * 60 * 30);
  EXPECT_EQ(count(Format::TfLite, Kind::Rnn, {Dims{2, 10}, Dims{20, 10}, Dims{20, 20}, Dims{20}, Dims{2, 20}}, {2, 20}),
            2 * 20 * 30);
  EXPECT_EQ(count(Format::OpenVinoIr, Kind::GruCell, {Dims{2, 10}, Dims{2, 20}, Dims{60, 10}, Dims{60, 20}}, {2, 20}),
            2 * 60 * 30);
  EXPECT_EQ(count(Format::TfLite, Kind::Svdf, {Dims{2, 10}, Dims{8, 10}, Dims{8, 5}, Dims{8}, Dims{2, 40}}, {2, 8}),
            2 * (80 + 40));
}

TEST(Macs, Attention) {
  // 2 rows, 4 heads, 6 queries, 9 keys, depth 8, values of depth 5.
  const std::uint64_t expected = 2ull * 4 * 6 * 9 * (8 + 5);
  EXPECT_EQ(
      count(Format::OpenVinoIr, Kind::Attention, {Dims{2, 4, 6, 8}, Dims{2, 4, 9, 8}, Dims{2, 4, 9, 5}}, {2, 4, 6, 5}),
      expected);
  EXPECT_EQ(count(Format::Onnx, Kind::Attention, {Dims{2, 6, 32}, Dims{2, 9, 32}, Dims{2, 9, 20}}, {2, 6, 20}),
            expected);
  EXPECT_EQ(
      count(Format::Onnx, Kind::Attention,
            {Dims{2, 4, 6, 8}, Dims{2, 4, 2, 8}, Dims{2, 4, 2, 5}, std::nullopt, Dims{2, 4, 7, 8}, Dims{2, 4, 7, 5}},
            {2, 4, 6, 5}),
      expected);
}

TEST(Macs, NothingWhereADimensionIsOpenOrTheKindIsUnknown) {
  EXPECT_EQ(count(Format::TfLite, Kind::Convolution, {Dims{1, 8, 8, 3}, Dims{4, 3, 3, 3}}, {kDynamic, 8, 8, 4}),
            std::nullopt);
  EXPECT_EQ(count(Format::TfLite, Kind::Custom, {Dims{1, 8}}, {1, 8}), std::nullopt);
  EXPECT_EQ(count(Format::Onnx, Kind::Unknown, {Dims{1, 8}}, {1, 8}), std::nullopt);
  EXPECT_EQ(count(Format::TfLite, Kind::Convolution, {Dims{1, 8, 8, 3}}, {1, 8, 8, 4}), std::nullopt);
}

TEST(Macs, ElementWiseKindsHaveNone) {
  EXPECT_EQ(count(Format::TfLite, Kind::Multiply, {Dims{1, 8}, Dims{1, 8}}, {1, 8}), 0);
  EXPECT_EQ(count(Format::TfLite, Kind::AveragePool, {Dims{1, 8, 8, 2}}, {1, 1, 1, 2}), 0);
}

TEST(Macs, AbsurdShapesAreNotANumber) {
  const std::int64_t huge = std::int64_t{1} << 40;
  EXPECT_EQ(count(Format::Onnx, Kind::Matmul, {Dims{huge, huge}, Dims{huge, huge}}, {huge, huge}), std::nullopt);
  EXPECT_EQ(count(Format::Onnx, Kind::Matmul, {Dims{1 << 30, huge}, Dims{huge, 1}}, {1 << 30, 1}), std::nullopt);
}

}  // namespace
}  // namespace edgescope::analysis
