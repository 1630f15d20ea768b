#include "format/onnx/attributes.h"

#include <gtest/gtest.h>

#include "format/onnx/builder_for_test.h"

namespace edgescope::format::onnx {
namespace {

using namespace test;
namespace attr = graph::attr;
using Ints = std::vector<std::int64_t>;

// The operator of a model of one node, which reads `x` (rank 4) and the constant `w`.
graph::Operator one(std::string_view type, std::string_view attributes, std::int64_t version = 17,
                    std::initializer_list<std::int64_t> weights = {8, 4, 3, 5}) {
  std::int64_t elements = 1;
  for (std::int64_t dim : weights) elements *= dim;
  const std::string file = model(node(type, {"x", "w"}, {"y"}, attributes) +
                                     initializer(tensor("w", 3, weights) + raw(static_cast<std::size_t>(elements))) +
                                     input("x", {1, 8, 9, 9}) + output("y"),
                                 version);
  const auto model = read_text(file);
  EXPECT_TRUE(model) << model.error().message();
  return model ? model->subgraphs[0].operators[0] : graph::Operator{};
}

TEST(Attributes, ConvolutionsGetTheirDefaultsAndTheirKernel) {
  const graph::Operator conv = one("Conv", int_attribute("group", 2) + ints_attribute("pads", {1, 2, 3, 4}));
  EXPECT_EQ(conv.kind, graph::Kind::GroupConvolution);
  EXPECT_EQ(graph::get<Ints>(conv.attributes, attr::kernel), (Ints{3, 5}));
  EXPECT_EQ(graph::get<Ints>(conv.attributes, attr::strides), (Ints{1, 1}));
  EXPECT_EQ(graph::get<Ints>(conv.attributes, attr::dilations), (Ints{1, 1}));
  EXPECT_EQ(graph::get<Ints>(conv.attributes, attr::pads_begin), (Ints{1, 2}));
  EXPECT_EQ(graph::get<Ints>(conv.attributes, attr::pads_end), (Ints{3, 4}));
  EXPECT_EQ(graph::get<std::string>(conv.attributes, attr::padding), "explicit");
  EXPECT_EQ(graph::get<std::int64_t>(conv.attributes, attr::groups), 2);

  EXPECT_EQ(one("Conv", "", 17, {8, 8, 3, 3}).kind, graph::Kind::Convolution);
  EXPECT_EQ(one("Conv", int_attribute("group", 8), 17, {8, 1, 3, 3}).kind, graph::Kind::DepthwiseConvolution);
  EXPECT_EQ(
      graph::get<std::string>(one("MaxPool", string_attribute("auto_pad", "SAME_LOWER")).attributes, attr::padding),
      "same_lower");
}

TEST(Attributes, DefaultsFollowTheOpset) {
  const auto axis = [](std::string_view type, std::int64_t version) {
    return graph::get<std::int64_t>(one(type, "", version).attributes, attr::axis, 99);
  };
  EXPECT_EQ(axis("Softmax", 12), 1);
  EXPECT_EQ(axis("Softmax", 13), -1);
  EXPECT_EQ(axis("Concat", 3), 1);
  EXPECT_EQ(axis("Concat", 4), 99);
  EXPECT_EQ(axis("Flatten", 21), 1);
  EXPECT_EQ(graph::find(one("Clip", "", 11).attributes, attr::max), nullptr);
  EXPECT_NE(graph::find(one("Clip", "", 6).attributes, attr::max), nullptr);
  EXPECT_TRUE(graph::get<bool>(one("ReduceMean", "").attributes, attr::keep_dims));
  EXPECT_FALSE(graph::get<bool>(one("ReduceMean", int_attribute("keepdims", 0)).attributes, attr::keep_dims, true));
  EXPECT_TRUE(graph::get<bool>(one("Resize", "", 11).attributes, attr::half_pixel_centers));
  EXPECT_FALSE(graph::get<bool>(one("Resize", "", 10).attributes, attr::half_pixel_centers, true));
  EXPECT_TRUE(
      graph::get<bool>(one("Resize", string_attribute("coordinate_transformation_mode", "align_corners")).attributes,
                       attr::align_corners));
}

TEST(Attributes, CanonicalNames) {
  const graph::Operator gemm = one("Gemm", int_attribute("transB", 1), 17, {2, 3});
  EXPECT_TRUE(graph::get<bool>(gemm.attributes, attr::transpose_b));
  EXPECT_FALSE(graph::get<bool>(gemm.attributes, attr::transpose_a, true));
  EXPECT_EQ(graph::get<double>(gemm.attributes, attr::alpha), 1.0);
  EXPECT_EQ(graph::get<std::string>(one("Cast", int_attribute("to", 10)).attributes, attr::to), "f16");
  EXPECT_EQ(graph::get<Ints>(one("Transpose", "").attributes, attr::permutation), (Ints{3, 2, 1, 0}));
  EXPECT_EQ(graph::get<std::int64_t>(one("SpaceToDepth", int_attribute("blocksize", 2)).attributes, attr::block_size),
            2);
}

TEST(Attributes, UntypedOnesOfOldFilesAreWhatTheyHold) {
  const std::string untyped =
      text(fields::node::attribute, text(fields::attribute::name, "axis") + number(fields::attribute::i, 2));
  EXPECT_EQ(graph::get<std::int64_t>(one("Softmax", untyped, 1).attributes, attr::axis), 2);
}

TEST(Attributes, LongOnesStayInTheFile) {
  const std::string list = attribute("long", 7, text(fields::attribute::ints, std::string(5000, '\1')));
  const std::string file = model(node("Relu", {"x"}, {"y"}, list) + input("x") + output("y"));
  const auto model = read_text(file);
  ASSERT_TRUE(model) << model.error().message();
  const graph::Operator& op = model->subgraphs[0].operators[0];
  EXPECT_EQ(graph::get<std::string>(op.attributes, "long"), "5000 ints");
  const auto all = node_attributes(model->files[0], op.options);
  ASSERT_TRUE(all) << all.error().message();
  EXPECT_EQ(graph::get<Ints>(*all, "long"), Ints(5000, 1));
}

TEST(Attributes, NamesOfOursAreNotTaken) {
  const graph::Operator op = one("Unheard", int_attribute("subgraph", 999) + int_attribute("captured", 7));
  EXPECT_EQ(graph::find(op.attributes, attr::subgraph), nullptr);
  EXPECT_EQ(graph::get<std::int64_t>(op.attributes, "subgraph_"), 999);
  EXPECT_EQ(graph::get<std::int64_t>(op.attributes, "captured_"), 7);
}

}  // namespace
}  // namespace edgescope::format::onnx
