#include "format/convert.h"

#include <gtest/gtest.h>

#include "format/format.h"
#include "graph/builder.h"
#include "graph/evaluate.h"
#include "support/scratch.h"

namespace edgescope::format {
namespace {

using graph::Builder;
using graph::ElementType;
using graph::Format;
using graph::Kind;
namespace attr = graph::attr;

// A model that code built, as a reader gives it.
graph::Model read(Builder&& builder, const testing_support::Scratch& scratch, const std::string& name) {
  auto model = std::move(builder).finish();
  EXPECT_TRUE(model) << model.error().message();
  const std::string path = (scratch / name).string();
  const auto where = destination(path);
  const Conversion whole{.model = *model};
  EXPECT_TRUE(write(whole.model, *where, path));
  auto again = read_model(path);
  EXPECT_TRUE(again) << again.error().message();
  return *std::move(again);
}

std::vector<Kind> kinds(const graph::Model& model) {
  std::vector<Kind> list;
  for (const graph::Operator& op : model.subgraphs[0].operators) list.push_back(op.kind);
  return list;
}

int count(const graph::Model& model, Kind kind) {
  const auto list = kinds(model);
  return static_cast<int>(std::count(list.begin(), list.end(), kind));
}

TEST(Convert, TransposesStandAtTheEndsAlone) {
  const testing_support::Scratch scratch;
  Builder b(Format::OpenVinoIr);
  const int x = b.input("x", ElementType::Float32, {1, 4, 6, 8});
  const int w = b.constant<float>("w", {4, 4, 3, 3}, std::vector<float>(144, 1));
  const int scale = b.constant<float>("scale", {1, 4, 1, 1}, {1, 2, 3, 4});
  int y = x;
  for (int i = 0; i < 3; ++i) {
    const int before = y;
    y = b.add(Kind::Convolution, {y, w}, {{attr::padding, "same"}});
    y = b.add(Kind::Relu, {b.add(Kind::Multiply, {y, scale})});
    y = b.add(Kind::Add, {y, before});
    y = b.add(Kind::Pad, {y}, {{attr::pads_begin, {0, 0, 1, 1}}, {attr::pads_end, {0, 0, 1, 1}}});
    y = b.add(Kind::MaxPool, {y}, {{attr::kernel, {3, 3}}});
  }
  b.output(b.add(Kind::ReduceMean, {y}, {{attr::axes, {2, 3}}}), "mean");
  b.output(y, "y");
  const graph::Model source = read(std::move(b), scratch, "m.xml");
  const auto made = convert(source, {.format = Format::TfLite});
  ASSERT_TRUE(made) << made.error().message();
  ASSERT_TRUE(made->refused.empty()) << made->refused[0].reason;
  EXPECT_EQ(made->transposes, 2);
  EXPECT_EQ(count(made->model, Kind::Transpose), 2);
  EXPECT_EQ(kinds(made->model).front(), Kind::Transpose);
  // The mean over height and width has the dimensions that it had: nothing is turned for it.
  const graph::Subgraph& graph = made->model.subgraphs[0];
  EXPECT_EQ(graph.tensors[static_cast<std::size_t>(graph.outputs[0])].shape.dims, (std::vector<std::int64_t>{1, 4}));
}

TEST(Convert, TransposesOfTheSourceMeltAway) {
  const testing_support::Scratch scratch;
  Builder b(Format::OpenVinoIr);  // as importers of channels-last models write it
  const int x = b.input("x", ElementType::Float32, {1, 6, 8, 4});
  const int w = b.constant<float>("w", {4, 4, 3, 3}, std::vector<float>(144, 1));
  const int turned = b.add(Kind::Transpose, {x}, {{attr::permutation, {0, 3, 1, 2}}});
  const int y = b.add(Kind::Convolution, {turned, w}, {{attr::padding, "same"}});
  b.output(b.add(Kind::Transpose, {y}, {{attr::permutation, {0, 2, 3, 1}}}), "y");
  const auto made = convert(read(std::move(b), scratch, "m.xml"), {.format = Format::TfLite});
  ASSERT_TRUE(made) << made.error().message();
  EXPECT_EQ(made->transposes, 0);
  EXPECT_EQ(count(made->model, Kind::Transpose), 0);
}

TEST(Convert, ThereAndBackComputesTheSame) {
  const testing_support::Scratch scratch;
  Builder b(Format::TfLite);
  const int x = b.input("x", ElementType::Float32, {1, 6, 8, 4});
  std::vector<float> weights(144);
  for (std::size_t i = 0; i < weights.size(); ++i) weights[i] = static_cast<float>(i % 7) - 3;
  const int w = b.constant<float>("w", {4, 3, 3, 4}, weights), bias = b.constant<float>("bias", {4}, {1, -2, 3, -4});
  const int d = b.constant<float>("d", {1, 3, 3, 8}, std::vector<float>(weights.begin(), weights.begin() + 72));
  const int y = b.add(Kind::Convolution, {x, w, bias}, {{attr::strides, {2, 2}}, {attr::activation, "relu6"}});
  const int z = b.add(Kind::DepthwiseConvolution, {y, d}, {{attr::padding, "same"}});
  const auto halves = b.add_all(Kind::Split, {z}, {{attr::axis, 3}, {attr::sizes, {3, 5}}});
  const int joined = b.add(Kind::Concatenation, {halves[1], halves[0]}, {{attr::axis, -1}});
  b.output(b.add(Kind::Softmax, {joined}), "softmax");
  b.output(b.add(Kind::Reshape, {joined}, {{attr::shape, {1, -1}}}), "flat");
  b.output(b.add(Kind::ReduceMax, {joined}, {{attr::axes, {1}}}), "rows");
  const graph::Model source = read(std::move(b), scratch, "m.tflite");
  const auto there = convert(source, {.format = Format::OpenVinoIr});
  ASSERT_TRUE(there && there->refused.empty());
  const auto direct = convert(source, {.format = Format::Onnx});
  ASSERT_TRUE(direct && direct->refused.empty());
  std::vector<float> data(192);
  for (std::size_t i = 0; i < data.size(); ++i) data[i] = static_cast<float>(i % 11) / 4 - 1;
  const auto bytes = std::as_bytes(std::span(data));
  const graph::Value input{ElementType::Float32, {1, 6, 8, 4}, {bytes.begin(), bytes.end()}};
  const auto first = graph::evaluate(there->model.subgraphs[0], there->model.layout, std::span(&input, 1));
  const auto second = graph::evaluate(direct->model.subgraphs[0], direct->model.layout, std::span(&input, 1));
  ASSERT_TRUE(first && second) << first.error().message();
  const std::string path = (scratch / "there.xml").string();
  ASSERT_TRUE(write(there->model, *destination(path), path));
  const auto ir = read_model(path);
  ASSERT_TRUE(ir);
  const auto back = convert(*ir, {.format = Format::TfLite});
  ASSERT_TRUE(back && back->refused.empty());
  const auto third = graph::evaluate(back->model.subgraphs[0], back->model.layout, std::span(&input, 1));
  ASSERT_TRUE(third) << third.error().message();
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ((*first)[i].data, (*second)[i].data) << i;
    EXPECT_EQ((*first)[i].data, (*third)[i].data) << i;
    EXPECT_EQ((*first)[i].dims, (*third)[i].dims) << i;
  }
}

TEST(Convert, NewOperatorsBecomeOldOnesForOpenVino2021) {
  const testing_support::Scratch scratch;
  Builder b(Format::OpenVinoIr);
  const int x = b.input("x", ElementType::Float32, {4, 6}), i = b.input("i", ElementType::Int64, {3});
  b.output(b.add(Kind::Gather, {x, i}, {{attr::axis, 0}, {attr::negative_indices, true}}), "rows");
  const graph::Model source = read(std::move(b), scratch, "m.xml");
  ASSERT_EQ(source.subgraphs[0].operators[0].version, 8);
  const auto made = convert(source, {.format = Format::OpenVinoIr, .ir_version = 10});
  ASSERT_TRUE(made && made->refused.empty());
  const std::string path = (scratch / "old.xml").string();
  ASSERT_TRUE(write(made->model, {.format = Format::OpenVinoIr, .ir_version = 10}, path));
  const auto old = read_model(path);
  ASSERT_TRUE(old) << old.error().message();
  EXPECT_EQ(old->format_version, 10);
  EXPECT_EQ(count(*old, Kind::FloorMod), 1);
  EXPECT_EQ(count(*old, Kind::Gather), 1);
  for (const graph::Operator& op : old->subgraphs[0].operators) EXPECT_LE(op.version, 7);
}

TEST(Convert, AnOnnxModelOfANewerOperatorSetIsSaidInAnOlderOne) {
  const testing_support::Scratch scratch;
  Builder b(Format::Onnx);
  const int x = b.input("x", ElementType::Float32, {4, 6});
  b.output(b.add(Kind::ReduceSum, {x}, {{graph::attr::axes, {1}}}), "y");  // of axes that are an input since 13
  const auto made = convert(read(std::move(b), scratch, "m.onnx"), {.format = Format::Onnx, .opset = 11});
  ASSERT_TRUE(made);
  ASSERT_TRUE(made->refused.empty());
  const std::string path = (scratch / "old.onnx").string();
  ASSERT_TRUE(write(made->model, {.format = Format::Onnx, .opset = 11}, path));
  const auto old = read_model(path);
  ASSERT_TRUE(old) << old.error().message();
  EXPECT_EQ(old->opsets.at(0).version, 11);
  EXPECT_EQ(old->subgraphs[0].operators.at(0).inputs.size(), 1u);
}

TEST(Convert, NamesEveryOperatorThatCannotBeSaid) {
  const testing_support::Scratch scratch;
  Builder b(Format::OpenVinoIr);
  const int x = b.input("x", ElementType::Float32, {4, 6});
  b.output(b.add(Kind::Tan, {x}, {}, "first"));
  b.output(b.add(Kind::Erf, {x}, {}, "second"));
  b.output(b.add(Kind::Abs, {x}, {}, "fine"));
  const auto made = convert(read(std::move(b), scratch, "m.xml"), {.format = Format::TfLite});
  ASSERT_TRUE(made);
  ASSERT_EQ(made->refused.size(), 2u);
  EXPECT_EQ(made->refused[0].name, "first");
  EXPECT_EQ(made->refused[1].name, "second");
  EXPECT_NE(made->refused[1].reason.find("erf"), std::string::npos);
}

TEST(Convert, QuantisedModelsStayInTheirFormat) {
  const auto model = read_model(EDGESCOPE_SOURCE_DIR "/examples/digits/digits_int8.tflite");
  ASSERT_TRUE(model);
  const auto made = convert(*model, {.format = Format::Onnx});
  ASSERT_FALSE(made);
  EXPECT_NE(made.error().message().find("float model"), std::string::npos) << made.error().message();
}

TEST(Convert, FormatsAreSaidByTheName) {
  EXPECT_EQ(destination("a/b.xml")->format, Format::OpenVinoIr);
  EXPECT_EQ(destination("b.onnx")->format, Format::Onnx);
  ASSERT_FALSE(destination("model"));
  EXPECT_EQ(destination("model.bin").error().fault, base::Fault::usage);
}

}  // namespace
}  // namespace edgescope::format
