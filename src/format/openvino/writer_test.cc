#include "format/openvino/writer.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "format/openvino/reader.h"
#include "graph/builder.h"
#include "support/reference.h"
#include "support/same_model.h"
#include "support/scratch.h"

namespace edgescope::format::openvino {
namespace {

using graph::Builder;
using graph::ElementType;
using graph::Kind;
namespace attr = graph::attr;
namespace fs = std::filesystem;
using testing_support::difference;

std::string joined(const base::Pieces& pieces) {
  std::string all;
  for (std::string_view each : pieces.list()) all += each;
  return all;
}

// Keeps the bytes that a model read from them refers to.
struct Written {
  std::string xml, bin;
  base::Result<graph::Model> read() const {
    return openvino::read(base::MappedFile::borrow(std::as_bytes(std::span(xml)), "x.xml"),
                          base::MappedFile::borrow(std::as_bytes(std::span(bin)), "x.bin"));
  }
};

base::Result<Written> written(const graph::Model& model, int version = 0) {
  EDGESCOPE_TRY(encoded, encode(model, version));
  return Written{joined(encoded.xml), joined(encoded.bin)};
}

// What reading the written model says that the model did not, or the error on the way.
std::string lost(const fs::path& path) {
  const auto file = base::MappedFile::open(path);
  if (!file) return file.error().message();
  const auto model = read(*file);
  if (!model) return model.error().message();
  const auto pair = written(*model);
  if (!pair) return pair.error().message();
  const auto again = pair->read();
  if (!again) return again.error().message();
  return difference(*model, *again);
}

TEST(OpenVinoWriter, GivesBackWhatWasRead) {
  for (const char* folder : {"tests/data/openvino", "examples/digits"})
    for (const auto& each : fs::directory_iterator(fs::path(EDGESCOPE_SOURCE_DIR) / folder))
      if (each.path().extension() == ".xml") {
        EXPECT_EQ(lost(each.path()), "") << each.path();
      }
}

TEST(OpenVinoWriter, GivesBackEveryNetworkOfTheReference) {
  EDGESCOPE_REFERENCE_OR_SKIP(folder, "ncs2/nets");
  int count = 0;
  for (const auto& each : fs::directory_iterator(folder)) {
    if (each.path().extension() != ".xml") continue;
    EXPECT_EQ(lost(each.path()), "") << each.path();
    ++count;
  }
  EXPECT_EQ(count, 396);
}

TEST(OpenVinoWriter, KeepsNotesAndConversionParameters) {
  const fs::path digits = fs::path(EDGESCOPE_SOURCE_DIR) / "examples/digits";
  const auto xml = base::MappedFile::open(digits / "digits.xml"), bin = base::MappedFile::open(digits / "digits.bin");
  ASSERT_TRUE(xml && bin);
  std::string noted(reinterpret_cast<const char*>(xml->bytes().data()), xml->size());
  const std::string note = "<attribute name=\"fused_names\" version=\"0\" value=\"a note\" />";
  noted.insert(noted.find("<input>"), "<rt_info>" + note + "</rt_info>");
  const auto model = read(base::MappedFile::borrow(std::as_bytes(std::span(noted)), "noted.xml"), *bin);
  ASSERT_TRUE(model);
  const auto pair = written(*model);
  ASSERT_TRUE(pair);
  EXPECT_NE(pair->xml.find(note), std::string::npos);
  ASSERT_FALSE(model->metadata.empty());
  const auto again = pair->read();
  ASSERT_TRUE(again);
  EXPECT_EQ(difference(*model, *again), "");
}

TEST(OpenVinoWriter, WritesOperatorsInCanonicalForm) {
  for (const int version : {10, 11}) {
    Builder b(graph::Format::OpenVinoIr, "all");
    const int x = b.input("x", ElementType::Float32, {2, 8, 4, 6});
    const int flat = b.add(Kind::Reshape, {x}, {{attr::shape, {8, -1}}});
    const int w = b.constant<float>("w", {5, 48}, std::vector<float>(240, 1));
    const int bias = b.constant<float>("bias", {5}, std::vector<float>(5, 1));
    const int dense = b.add(Kind::FullyConnected, {flat, w, bias}, {{attr::activation, "relu6"}}, "dense");
    b.output(b.add(Kind::Cast, {b.add(Kind::Less, {dense, bias})}, {{attr::to, ElementType::Int32}}), "less");
    const int f = b.constant<float>("f", {4, 4, 3, 3}, std::vector<float>(144, 1));
    b.output(b.add(Kind::Convolution, {x, f, b.constant<float>("fb", {4}, std::vector<float>(4, 1))},
                   {{attr::groups, 2}, {attr::padding, "same"}, {attr::activation, "relu"}}));
    b.output(b.add(Kind::AveragePool, {x}, {{attr::kernel, {2, 2}}, {attr::strides, {2, 2}}}));
    b.output(b.add(Kind::ArgMax, {dense}, {{attr::axis, 1}}));
    b.output(b.add(Kind::LeakyRelu, {dense}, {{attr::alpha, 0.25}}));
    const int indices = b.constant<std::int32_t>("i", {8, 2}, std::vector<std::int32_t>(16, 1));
    b.output(b.add(Kind::GatherElements, {dense, indices}, {{attr::axis, -1}}));
    const auto model = std::move(b).finish();
    ASSERT_TRUE(model) << model.error().message();
    const auto pair = written(*model, version);
    ASSERT_TRUE(pair) << pair.error().message();
    const auto again = pair->read();
    ASSERT_TRUE(again) << again.error().message();
    EXPECT_EQ(again->format_version, version);
    const graph::Subgraph& graph = again->subgraphs[0];
    EXPECT_EQ(graph.tensors[static_cast<std::size_t>(graph.inputs[0])].name, "x");
    EXPECT_EQ(graph.tensors[static_cast<std::size_t>(graph.outputs[0])].name, "less");
    std::vector<std::string> kinds;
    for (const graph::Operator& op : graph.operators) kinds.push_back(op.source_kind);
    for (const char* each :
         {"opset1:MatMul", "opset1:Clamp", "opset1:Less", "opset1:Convert", "opset1:GroupConvolution", "opset1:AvgPool",
          "opset3:TopK", "opset1:Squeeze", "opset1:PReLU", "opset6:GatherElements"})
      EXPECT_NE(std::find(kinds.begin(), kinds.end(), each), kinds.end()) << each;
    ASSERT_EQ(graph.outputs.size(), model->subgraphs[0].outputs.size());
    for (std::size_t i = 0; i < graph.outputs.size(); ++i)
      EXPECT_EQ(graph.tensors[static_cast<std::size_t>(graph.outputs[i])].shape.dims,
                model->subgraphs[0].tensors[static_cast<std::size_t>(model->subgraphs[0].outputs[i])].shape.dims);
  }
}

TEST(OpenVinoWriter, WritesAPairOfFiles) {
  const testing_support::Scratch folder;
  Builder b(graph::Format::OpenVinoIr);
  b.output(
      b.add(Kind::Add, {b.input("x", ElementType::Float32, {3}), b.constant<float>("c", {3}, {1.0f, 2.0f, 3.0f})}));
  const auto model = std::move(b).finish();
  ASSERT_TRUE(model);
  EXPECT_FALSE(write(*model, folder / "x.onnx"));
  ASSERT_TRUE(write(*model, folder / "x.xml"));
  EXPECT_EQ(fs::file_size(folder / "x.bin"), 12u);
  const auto file = base::MappedFile::open(folder / "x.xml");
  ASSERT_TRUE(file);
  EXPECT_TRUE(read(*file));
}

TEST(OpenVinoWriter, NamesWhatTheFormatCannotSay) {
  Builder b(graph::Format::OpenVinoIr);
  b.output(b.add(Kind::Quantize, {b.input("x", ElementType::Float32, {3})}, {{attr::to, ElementType::Int8}}, "q"));
  const auto model = std::move(b).finish();
  ASSERT_TRUE(model);
  const auto pair = written(*model);
  ASSERT_FALSE(pair);
  EXPECT_NE(pair.error().message().find("quantize"), std::string::npos) << pair.error().message();
}

}  // namespace
}  // namespace edgescope::format::openvino
