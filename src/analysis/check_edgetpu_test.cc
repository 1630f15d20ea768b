#include "analysis/check_edgetpu.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "format/tflite/reader.h"
#include "format/tflite/test_models.h"
#include "support/reference.h"
#include "support/scratch.h"

namespace edgescope::analysis {
namespace {

using base::Json;
namespace fb = format::tflite::fb;
namespace fake = format::tflite::test_models;

graph::Model read(const std::filesystem::path& path) {
  auto model = format::tflite::read(*base::MappedFile::open(path));
  EXPECT_TRUE(model) << model.error().message();
  return std::move(*model);
}

// The structure of the notebook's model_tensor_attr as a file: a comparison of one feature, packed with a
// constant, and two products with constants in front.
std::filesystem::path notebook_model(const std::filesystem::path& folder) {
  fb::ModelT model = fake::empty();
  const auto tensor = [&](const char* name, std::vector<int> shape, std::size_t bytes = 0) {
    const int index =
        fake::add_tensor(model, name, fb::TensorType::INT8, std::move(shape), std::vector<std::uint8_t>(bytes, 1));
    fake::quantize(*model.subgraphs[0]->tensors[static_cast<std::size_t>(index)], {0.1f}, {0});
    return index;
  };
  const int x = tensor("x", {1, 8});
  const int feature = tensor("feature", {1, 1}), packed = tensor("packed", {2, 1, 1}), rows = tensor("rows", {2, 1}),
            out = tensor("out", {4, 1});
  fake::add_operator(model, fb::BuiltinOperator::FULLY_CONNECTED, {tensor("one_hot", {1, 8}, 8), x, -1}, {feature},
                     fb::FullyConnectedOptionsT{});
  fb::PackOptionsT pack;
  pack.values_count = 2;
  fake::add_operator(model, fb::BuiltinOperator::PACK, {feature, tensor("one", {1, 1}, 1)}, {packed}, pack);
  fake::add_operator(model, fb::BuiltinOperator::FULLY_CONNECTED, {tensor("b", {2, 1}, 2), packed, -1}, {rows},
                     fb::FullyConnectedOptionsT{});
  fake::add_operator(model, fb::BuiltinOperator::FULLY_CONNECTED, {tensor("c", {4, 2}, 8), rows, -1}, {out},
                     fb::FullyConnectedOptionsT{});
  model.subgraphs[0]->inputs = {x};
  model.subgraphs[0]->outputs = {out};
  const std::vector<std::byte> bytes = fake::pack(model);
  const std::filesystem::path path = folder / "model_tensor_attr.tflite";
  std::ofstream(path, std::ios::binary)
      .write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  return path;
}

TEST(CheckEdgeTpu, TheNotebooksModelStreams128Bytes) {
  const testing_support::Scratch folder;
  const Json json = check_edgetpu(read(notebook_model(folder.path())), {});
  EXPECT_EQ(json["verdict"], "compiles") << json["operators"];
  EXPECT_EQ(json["placement"]["cpu"], 0) << json["operators"];
  EXPECT_EQ(json["memory"]["cached_bytes"], 192) << json["memory"]["layers"];
  EXPECT_EQ(json["memory"]["streamed_bytes"], 128);
  ASSERT_FALSE(json["findings"].empty());
  EXPECT_EQ(json["findings"][0]["id"], "edgetpu-constant-activation");
  EXPECT_EQ(json["findings"][0]["cost"]["bytes"], 128);
}

TEST(CheckEdgeTpu, PredictsWithEachLinkAndGeneration) {
  const testing_support::Scratch folder;
  const graph::Model model = read(notebook_model(folder.path()));
  using target::edgetpu::Link;
  const auto low = [&](Link link) {
    const auto json = predict_edgetpu(model, nullptr, {.link = link});
    EXPECT_TRUE(json);
    return (*json)["interval_us"][0].get<double>();
  };
  EXPECT_LT(low(Link::Pcie), low(Link::Usb3));
  EXPECT_LT(low(Link::Usb3), low(Link::Usb2));
  const Json old = check_edgetpu(model, {.compiler = target::edgetpu::Compiler::V1_0});
  EXPECT_EQ(old["memory"]["compiler"], "1.0");
  EXPECT_EQ(old["operators"][1]["verdict"], "cpu");  // PACK came with runtime 13
}

TEST(CheckEdgeTpu, WhatDoesNotRunThereIsNotPredicted) {
  graph::Model model;
  model.subgraphs.emplace_back();
  const auto json = predict_edgetpu(model, nullptr, {});
  ASSERT_FALSE(json);
  EXPECT_THAT(json.error().message(), testing::HasSubstr("not quantised"));
  EXPECT_FALSE(meant_for_edgetpu(model));
}

class ReferencePairs : public ::testing::TestWithParam<const char*> {};

TEST_P(ReferencePairs, PredictedAsTheCompiledFileIs) {
  EDGESCOPE_MODEL_OR_SKIP(source, std::string("cpu/") + GetParam() + ".tflite");
  EDGESCOPE_MODEL_OR_SKIP(compiled, std::string("edgetpu/") + GetParam() + "_edgetpu.tflite");
  const auto json = check_edgetpu_against(read(source), read(compiled), {});
  ASSERT_TRUE(json) << json.error().message();
  EXPECT_EQ((*json)["verdict"], "compiles");
  for (const char* what : {"cached_bytes", "streamed_bytes", "rows"})
    EXPECT_EQ((*json)["compiled"][what]["predicted"], (*json)["compiled"][what]["compiled"]) << what;
  EXPECT_TRUE((*json)["compiled"]["cpu_operators"].empty()) << (*json)["compiled"]["cpu_operators"];
  // Bytes of the compiled file, so its interval is not wider than the one from the source model.
  const auto before = predict_edgetpu(read(source), nullptr, {});
  const graph::Model model = read(source);
  const auto after = predict_edgetpu(read(compiled), &model, {});
  ASSERT_TRUE(before && after);
  EXPECT_LE((*before)["interval_us"][0], (*after)["interval_us"][0]);
  EXPECT_GE((*before)["interval_us"][1], (*after)["interval_us"][1]);
}

INSTANTIATE_TEST_SUITE_P(Edgetpu, ReferencePairs,
                         ::testing::Values("bright_64x64", "bright_128x128", "dense_256", "split_concat",
                                           "mobilenet_v1_0.25_128_quant", "mobilenet_v1_0.5_160_quant",
                                           "mobilenet_v1_0.75_192_quant", "deeplabv3_mnv2_dm05_pascal_quant",
                                           "movenet_single_pose_lightning_ptq",
                                           "posenet_mobilenet_v1_075_353_481_16_quant_decoder"));

TEST(CheckEdgeTpu, AFileThatIsNotCompiledIsNoAnswer) {
  const testing_support::Scratch folder;
  const graph::Model model = read(notebook_model(folder.path()));
  EXPECT_FALSE(check_edgetpu_against(model, model, {}));
}

}  // namespace
}  // namespace edgescope::analysis
