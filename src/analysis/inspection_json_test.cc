#include "analysis/inspection_json.h"

#include <gtest/gtest.h>

#include "analysis/test_graph.h"

namespace edgescope::analysis {
namespace {

using base::Json;
using graph::ElementType;
using graph::Kind;

Json json_of(TestGraph& test) {
  const graph::Model model = test.finish();
  return inspection_json(model, inspect(model));
}

TEST(InspectionJson, Operators) {
  TestGraph test;
  const int in = test.tensor({1, 8, 8, 3}, ElementType::Int8), out = test.tensor({1, 8, 8, 8}, ElementType::Int8);
  const int filter = test.constant({8, 3, 3, 3}, ElementType::Int8);
  test.add(Kind::Convolution, {in, filter, -1}, {out},
           {{"strides", graph::Attribute(std::vector<std::int64_t>{1, 1})},
            {"padding", graph::Attribute(std::string("same"))},
            {"alpha", graph::Attribute(static_cast<double>(0.1f))},
            {"quote\"d", graph::Attribute(true)}});
  const Json json = json_of(test);
  const Json& op = json["operators"].at(0);
  EXPECT_EQ(op["kind"], "convolution");
  EXPECT_EQ(op["inputs"], Json::parse(R"([{"tensor":0,"type":"i8","shape":[1,8,8,3]},
                                          {"tensor":2,"type":"i8","shape":[8,3,3,3],"constant":true},null])"));
  EXPECT_EQ(op["attributes"], Json::parse(R"({"strides":[1,1],"padding":"same","alpha":0.1,"quote\"d":true})"));
  EXPECT_EQ(op["macs"], 64 * 8 * 27);
  EXPECT_FALSE(op.contains("custom"));
  EXPECT_EQ(json["totals"]["macs"], 64 * 8 * 27);
  EXPECT_EQ(json["basis"], "exact");
}

TEST(InspectionJson, ShapesWithOpenDimensions) {
  TestGraph test(graph::Format::Onnx);
  const int a = test.tensor({graph::kDynamic, 4}), b = test.tensor({}),
            c = test.tensor({graph::kDynamic, graph::kDynamic});
  test.graph().tensors[static_cast<std::size_t>(b)].shape.known = false;
  test.graph().tensors[static_cast<std::size_t>(c)].shape.symbols = {"batch", ""};
  const Json json = json_of(test);
  EXPECT_EQ(json["tensors"][a]["shape"], Json::parse("[null,4]"));
  EXPECT_EQ(json["tensors"][a]["dynamic"], true);
  EXPECT_TRUE(json["tensors"][a]["bytes"].is_null());
  EXPECT_TRUE(json["tensors"][b]["shape"].is_null());
  EXPECT_EQ(json["tensors"][c]["shape"], Json::parse("[\"batch\",null]"));
}

TEST(InspectionJson, Quantisation) {
  TestGraph test;
  const int tensor = test.tensor({4}, ElementType::UInt8), channels = test.constant({2, 3}, ElementType::Int8),
            blocks = test.constant({2, 64}, ElementType::Int4);
  test.quantize(tensor, 0.25f, 128);
  const auto quantize = [&](int index, graph::Quantization q) {
    test.graph().tensors[static_cast<std::size_t>(index)].quantization =
        std::make_shared<graph::Quantization>(std::move(q));
  };
  quantize(channels, {.scales = {0.5f, 0.125f}, .zero_points = {0, 0}, .axis = 0});
  quantize(blocks, {.axis = 1, .block = 32, .scales_tensor = 0});
  const Json json = json_of(test);
  EXPECT_EQ(json["tensors"][tensor]["quantization"],
            Json::parse(R"({"granularity":"tensor","scale":0.25,"zero_point":128})"));
  EXPECT_EQ(json["tensors"][channels]["quantization"],
            Json::parse(R"({"granularity":"channel","axis":0,"scales":2,"scale_min":0.125,"scale_max":0.5,
                            "zero_point_min":0,"zero_point_max":0})"));
  EXPECT_EQ(json["tensors"][blocks]["quantization"],
            Json::parse(R"({"granularity":"block","axis":1,"block":32,"scales_tensor":0})"));
  EXPECT_EQ(json["tensors"][channels]["file_bytes"], 6);
}

TEST(InspectionJson, FilesAndOwnersAddUp) {
  TestGraph test;
  test.constant({100}, ElementType::Int8);
  const Json json = json_of(test);
  EXPECT_EQ(json["files"][0]["bytes"], 100);
  EXPECT_EQ(json["files"][0]["owners"][0], Json::parse(R"({"owner":"weights","bytes":100,"share":1.0})"));
  EXPECT_EQ(json["totals"]["file_bytes"], 100);
}

}  // namespace
}  // namespace edgescope::analysis
