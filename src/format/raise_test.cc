#include "format/raise.h"

#include <gtest/gtest.h>

#include "format/format.h"
#include "format/openvino/raise.h"
#include "format/tflite/raise.h"
#include "graph/builder.h"

namespace edgescope::format {
namespace {

using graph::Builder;
using graph::ElementType;
using graph::Format;
using graph::Kind;
using graph::Operator;
namespace attr = graph::attr;
using Ints = std::vector<std::int64_t>;

// A model with one operator as a file of the format would give it.
struct Given {
  graph::Model model{.format = Format::TfLite};
  Operator op;

  explicit Given(std::string source_kind, Kind kind, Format format = Format::TfLite) {
    model.format = format;
    model.layout = format == Format::TfLite ? graph::Layout::ChannelsLast : graph::Layout::ChannelsFirst;
    model.subgraphs.resize(1);
    op.kind = kind;
    op.source_kind = std::move(source_kind);
    op.version = 1;
  }
  int tensor(Ints dims, ElementType type = ElementType::Float32) {
    model.subgraphs[0].tensors.push_back({.name = "t", .type = type, .shape = {.dims = std::move(dims)}});
    return static_cast<int>(model.subgraphs[0].tensors.size()) - 1;
  }
  template <typename T>
  int constant(Ints dims, const std::vector<T>& values) {
    const int index = tensor(std::move(dims), graph::element_type_of<T>());
    const auto bytes = std::as_bytes(std::span(values));
    model.owned.push_back(std::make_shared<const std::vector<std::byte>>(bytes.begin(), bytes.end()));
    model.subgraphs[0].tensors.back().constant = true;
    model.subgraphs[0].tensors.back().data = *model.owned.back();
    return index;
  }
  base::Result<Operator> raised() const { return raise(model, model.subgraphs[0], op); }
};

TEST(Raise, MasksOfAStridedSliceBecomeBounds) {
  Given given("STRIDED_SLICE", Kind::StridedSlice);
  given.op.inputs = {given.tensor({4, 6, 8}), given.constant<std::int32_t>({3}, {9, -2, 1}),
                     given.constant<std::int32_t>({3}, {1, 0, 100}), given.constant<std::int32_t>({3}, {1, 1, 3})};
  given.op.outputs = {given.tensor({4, 3})};
  given.op.attributes = {
      {"begin_mask", std::int64_t{1}}, {"end_mask", std::int64_t{1}}, {"shrink_axis_mask", std::int64_t{2}}};
  const auto op = given.raised();
  ASSERT_TRUE(op) << op.error().message();
  EXPECT_EQ(graph::get<Ints>(op->attributes, attr::begin), (Ints{0, 4, 1}));
  EXPECT_EQ(graph::get<Ints>(op->attributes, attr::end), (Ints{4, 5, 8}));
  EXPECT_EQ(graph::get<Ints>(op->attributes, attr::squeeze), (Ints{1}));
  EXPECT_EQ(op->inputs.size(), 1u);
  EXPECT_TRUE(op->source_kind.empty());
}

TEST(Raise, AxesThatAreComputedAreNone) {
  Given given("MEAN", Kind::ReduceMean);
  given.op.inputs = {given.tensor({4, 6}), given.tensor({1}, ElementType::Int32)};
  given.op.outputs = {given.tensor({4})};
  const auto op = given.raised();
  ASSERT_FALSE(op);
  EXPECT_NE(op.error().what.find("axes is no constant"), std::string::npos) << op.error().what;
}

TEST(Raise, ResultsThatAreNotThoseOfTheKindAreNoticed) {
  Given given("opset1:MaxPool", Kind::MaxPool, Format::OpenVinoIr);
  given.op.inputs = {given.tensor({1, 3, 8, 8})};
  given.op.outputs = {given.tensor({1, 3, 4, 4})};
  given.op.attributes = {{std::string(attr::kernel), Ints{3, 3}},
                         {std::string(attr::strides), Ints{2, 2}},
                         {std::string(attr::padding), std::string("explicit")},
                         {"rounding_type", std::string("ceil")}};
  EXPECT_FALSE(given.raised()) << "rounded up, the window begins once more at the end";
  given.model.subgraphs[0].tensors[1].shape.dims = {1, 3, 3, 3};
  EXPECT_TRUE(given.raised());
}

TEST(Raise, OpenShapesAreNone) {
  Given given("RELU", Kind::Relu);
  given.op.inputs = {given.tensor({graph::kDynamic, 4})};
  given.op.outputs = {given.tensor({graph::kDynamic, 4})};
  EXPECT_FALSE(given.raised());
}

TEST(Raise, FullyConnectedThatFlattensSaysSo) {
  Given given("FULLY_CONNECTED", Kind::FullyConnected);
  given.op.inputs = {given.tensor({2, 3, 4}), given.tensor({5, 12}), -1};
  given.op.outputs = {given.tensor({2, 5})};
  const auto op = given.raised();
  ASSERT_TRUE(op) << op.error().message();
  EXPECT_FALSE(graph::get<bool>(op->attributes, attr::keep_dims, true));
  EXPECT_EQ(op->inputs.size(), 2u);
}

TEST(Raise, WeightsThatAreQuantisedAloneAreNone) {
  Given given("FULLY_CONNECTED", Kind::FullyConnected);
  given.op.inputs = {given.tensor({2, 4}), given.tensor({5, 4}, ElementType::Int8), -1};
  given.op.outputs = {given.tensor({2, 5})};
  EXPECT_FALSE(given.raised());
}

TEST(Raise, WhatNobodyReadsIsLeftOut) {
  Given given("opset8:MaxPool", Kind::MaxPool, Format::OpenVinoIr);
  given.op.version = 8;
  given.op.inputs = {given.tensor({1, 3, 8, 8})};
  given.op.outputs = {given.tensor({1, 3, 7, 7}), given.tensor({1, 3, 7, 7}, ElementType::Int64)};
  given.op.attributes = {{std::string(attr::kernel), Ints{2, 2}}};
  const auto op = given.raised();
  ASSERT_TRUE(op) << op.error().message();
  EXPECT_EQ(op->outputs.size(), 1u);
  given.model.subgraphs[0].outputs = {given.op.outputs[1]};
  EXPECT_FALSE(given.raised());
}

TEST(Raise, WhatCodeAddedIsGivenBack) {
  Given given("", Kind::Relu);
  EXPECT_TRUE(given.raised());
}

TEST(Raise, AllOfAModel) {
  auto model = read_model(EDGESCOPE_SOURCE_DIR "/examples/digits/digits.onnx");
  ASSERT_TRUE(model);
  EXPECT_TRUE(raise_all(*model).empty());
  for (const Operator& op : model->subgraphs[0].operators) EXPECT_TRUE(op.source_kind.empty()) << op.source_kind;
}

}  // namespace
}  // namespace edgescope::format
