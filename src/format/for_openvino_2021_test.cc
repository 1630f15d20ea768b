#include "format/for_openvino_2021.h"

#include <gtest/gtest.h>

#include "format/format.h"
#include "format/openvino/writer.h"
#include "graph/builder.h"
#include "support/scratch.h"

namespace edgescope::format {
namespace {

graph::Model written(graph::Builder&& builder, const std::string& path, int version) {
  const auto built = std::move(builder).finish();
  EXPECT_TRUE(built) << built.error().message();
  EXPECT_TRUE(openvino::write(*built, path, version));
  auto model = read_model(path);
  EXPECT_TRUE(model) << model.error().message();
  return std::move(*model);
}

graph::Builder network() {
  graph::Builder b(graph::Format::OpenVinoIr);
  const int x = b.input("x", graph::ElementType::Float32, {1, 4});
  b.output(b.add(graph::Kind::Softmax, {b.add(graph::Kind::Relu, {x})}), "y");
  return b;
}

TEST(ForOpenVino2021, WhatItReadsStaysAsItIs) {
  const testing_support::Scratch scratch;
  const std::string path = (scratch / "net.xml").string();
  const auto readable = for_openvino_2021(written(network(), path, 10));
  ASSERT_TRUE(readable) << readable.error().message();
  EXPECT_EQ(readable->model.files.front().path(), path);
  EXPECT_TRUE(readable->note.empty());
}

TEST(ForOpenVino2021, NewerIrIsConverted) {
  const testing_support::Scratch scratch;
  const auto readable = for_openvino_2021(written(network(), (scratch / "net.xml").string(), 11));
  ASSERT_TRUE(readable) << readable.error().message();
  EXPECT_EQ(readable->model.format_version, 10);
  EXPECT_NE(readable->note.find("IR version 11"), std::string::npos);
  EXPECT_EQ(readable->model.subgraphs[0].operators.size(), 2u);
}

TEST(ForOpenVino2021, TfLiteIsConverted) {
  auto example = read_model(EDGESCOPE_SOURCE_DIR "/examples/digits/digits_float.tflite");
  ASSERT_TRUE(example) << example.error().message();
  const auto readable = for_openvino_2021(std::move(*example));
  ASSERT_TRUE(readable) << readable.error().message();
  EXPECT_EQ(readable->model.format, graph::Format::OpenVinoIr);
  EXPECT_NE(readable->note.find("TensorFlow Lite"), std::string::npos);
}

}  // namespace
}  // namespace edgescope::format
