#include "format/onnx/writer.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "format/onnx/reader.h"
#include "graph/builder.h"
#include "support/reference.h"
#include "support/same_model.h"
#include "support/scratch.h"

namespace edgescope::format::onnx {
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

// What reading the written model says that the model did not, or the error on the way.
std::string lost(const fs::path& path) {
  const auto file = base::MappedFile::open(path);
  if (!file) return file.error().message();
  const auto model = read(*file);
  if (!model) return model.error().message();
  const auto encoded = encode(*model, "x.data");
  if (!encoded) return encoded.error().message();
  const std::string bytes = joined(encoded->model);
  const auto again = read(base::MappedFile::borrow(std::as_bytes(std::span(bytes)), path));
  if (!again) return again.error().message();
  // Operators' options are their nodes as they stand in the file, whose fields may have another order.
  graph::Model a = *model, b = *again;
  for (graph::Model* each : {&a, &b})
    for (graph::Subgraph& graph : each->subgraphs)
      for (graph::Operator& op : graph.operators) op.options = {};
  return difference(a, b);
}

TEST(OnnxWriter, GivesBackWhatWasRead) {
  for (const char* folder : {"tests/data/onnx", "examples/digits"})
    for (const auto& each : fs::directory_iterator(fs::path(EDGESCOPE_SOURCE_DIR) / folder))
      if (each.path().extension() == ".onnx") {
        EXPECT_EQ(lost(each.path()), "") << each.path();
      }
}

TEST(OnnxWriter, GivesBackTheNodeTests) {
  const fs::path folder = fs::path(EDGESCOPE_SOURCE_DIR) / "runtimes/onnx-1.8";
  if (!fs::exists(folder)) GTEST_SKIP() << "`make oracle` brings ONNX's node tests";
  int count = 0;
  for (const auto& each : fs::recursive_directory_iterator(folder)) {
    if (each.path().extension() != ".onnx") continue;
    EXPECT_EQ(lost(each.path()), "") << each.path();
    ++count;
  }
  EXPECT_GT(count, 500);
}

TEST(OnnxWriter, WritesOperatorsInCanonicalForm) {
  for (const int opset : {kOldOpset, kNewestOpset}) {
    Builder b(graph::Format::Onnx, "all");
    const int x = b.input("x", ElementType::Float32, {2, 8, 4, 6});
    const int flat = b.add(Kind::Reshape, {x}, {{attr::shape, {8, -1}}});
    const int w = b.constant<float>("w", {5, 48}, std::vector<float>(240, 1));
    const int bias = b.constant<float>("bias", {5}, std::vector<float>(5, 1));
    const int dense = b.add(Kind::FullyConnected, {flat, w, bias}, {{attr::activation, "relu6"}}, "dense");
    b.output(b.add(Kind::Cast, {b.add(Kind::LessEqual, {dense, bias})}, {{attr::to, ElementType::Int32}}), "less");
    b.output(b.add(Kind::ReduceSum, {x}, {{attr::axes, {2, 3}}}));
    b.output(b.add(Kind::ReduceMax, {x}, {{attr::axes, {2, 3}}}));
    b.output(b.add(Kind::ArgMax, {dense}, {{attr::axis, 1}}));
    b.output(b.add_all(Kind::Split, {x}, {{attr::axis, 3}, {attr::sizes, {2, 4}}})[1]);
    const auto model = std::move(b).finish();
    ASSERT_TRUE(model) << model.error().message();
    const auto encoded = encode(*model, "x.data", opset);
    ASSERT_TRUE(encoded) << encoded.error().message();
    EXPECT_EQ(encoded->data.size(), 0u);
    const std::string bytes = joined(encoded->model);
    const auto again = read(base::MappedFile::borrow(std::as_bytes(std::span(bytes)), "x.onnx"));
    ASSERT_TRUE(again) << again.error().message();
    EXPECT_EQ(again->opsets.at(0).version, opset);
    std::vector<std::string> kinds;
    for (const graph::Operator& op : again->subgraphs[0].operators) kinds.push_back(op.source_kind);
    EXPECT_EQ(std::count(kinds.begin(), kinds.end(), "LessOrEqual"), opset < 12 ? 0 : 1);
    EXPECT_EQ(std::count(kinds.begin(), kinds.end(), "Or"), opset < 12 ? 1 : 0);
    const graph::Subgraph& graph = again->subgraphs[0];
    ASSERT_EQ(graph.outputs.size(), model->subgraphs[0].outputs.size());
    for (std::size_t i = 0; i < graph.outputs.size(); ++i)
      EXPECT_EQ(graph.tensors[static_cast<std::size_t>(graph.outputs[i])].shape.dims,
                model->subgraphs[0].tensors[static_cast<std::size_t>(model->subgraphs[0].outputs[i])].shape.dims);
  }
}

TEST(OnnxWriter, NamesWhatTheFormatCannotSay) {
  Builder b(graph::Format::Onnx);
  b.output(b.add(Kind::Gelu, {b.input("x", ElementType::Float32, {3})}, {{attr::approximate, true}}, "curve"));
  const auto model = std::move(b).finish();
  ASSERT_TRUE(model);
  const auto encoded = encode(*model, "x.data", kNewestOpset);
  ASSERT_FALSE(encoded);
  EXPECT_NE(encoded.error().message().find("since opset 20"), std::string::npos) << encoded.error().message();
}

}  // namespace
}  // namespace edgescope::format::onnx
