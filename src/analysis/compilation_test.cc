#include "analysis/compilation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "analysis/test_graph.h"
#include "base/mapped_file.h"
#include "format/tflite/reader.h"
#include "support/reference.h"

namespace edgescope::analysis {
namespace {

using graph::ElementType;
using graph::Kind;
using target::edgetpu::Compiler;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// A fully connected layer of 64 to 64, and a top-k that stays on the CPU.
graph::Model dense(int layers = 1) {
  TestGraph test;
  const auto quantized = [&](int tensor) {
    test.quantize(tensor, 0.5f, 0);
    return tensor;
  };
  int at = quantized(test.tensor({1, 64}, ElementType::Int8));
  test.graph().inputs = {at};
  for (int i = 0; i < layers; ++i) {
    const int out = quantized(test.tensor({1, 64}, ElementType::Int8));
    test.add(Kind::FullyConnected, {at, quantized(test.constant({64, 64}, ElementType::Int8))}, {out}).source_kind =
        "FULLY_CONNECTED";
    at = out;
  }
  const int last = quantized(test.tensor({1, 64}, ElementType::Int8));
  test.add(Kind::Elu, {at}, {last}).source_kind = "ELU";
  test.graph().outputs = {last};
  return test.finish();
}

TEST(Compilation, PredictsOperatorsAndBytes) {
  std::vector<graph::Model> models;
  models.push_back(dense());
  const auto predicted = predict_compilation(models, Compiler::V16);
  ASSERT_EQ(predicted.size(), 1u);
  EXPECT_EQ(predicted[0].failure, "");
  EXPECT_EQ(predicted[0].operators.at("FULLY_CONNECTED"), (OperatorCount{1, 0}));
  EXPECT_EQ(predicted[0].operators.at("ELU"), (OperatorCount{0, 1}));
  EXPECT_EQ(predicted[0].cached.central, 16u * 256);
  EXPECT_EQ(predicted[0].streamed.high, 0u);
}

TEST(Compilation, ModelsTogetherShareThePool) {
  std::vector<graph::Model> models;
  models.push_back(dense(100));
  models.push_back(dense(100));
  // Old compilers put every layer of 64 outputs into the first tile, 16 rows each: the first model takes 1,600.
  const int rows = target::edgetpu::predict_memory(models[0].subgraphs[0], {}, Compiler::V1_0).cap.central - 1600;
  const auto together = predict_compilation(models, Compiler::V1_0);
  EXPECT_EQ(together[0].streamed.central, 0u);
  EXPECT_EQ(together[1].cached.central, static_cast<std::uint64_t>(rows / 16 * 16) * 256);
  EXPECT_LT(together[1].cached.low, together[1].cached.high);
}

TEST(Compilation, SegmentsHaveAPoolEach) {
  std::vector<graph::Model> models;
  models.push_back(dense(200));
  EXPECT_GT(predict_compilation(models, Compiler::V1_0, 1)[0].streamed.central, 0u);
  EXPECT_EQ(predict_compilation(models, Compiler::V1_0, 2)[0].streamed.central, 0u);
}

TEST(Compilation, DifferencesAreNamedWithBothSides) {
  PredictedCompilation predicted{
      .operators = {{"CONV_2D", {3, 0}}, {"ADD", {1, 0}}}, .cached = {1000, 900, 1000}, .streamed = {0, 0, 100}};
  ActualCompilation actual{
      .subgraphs = 1, .operators = {{"CONV_2D", {3, 0}}, {"ADD", {1, 0}}}, .cached_bytes = 1000, .streamed_bytes = 0};
  EXPECT_THAT(compilation_differences(predicted, actual), IsEmpty());
  actual.cached_bytes = 800;
  actual.streamed_bytes = 64;
  actual.operators["ADD"] = {0, 1};
  actual.operators["QUANTIZE"] = {0, 1};
  predicted.failure = "it is too large";
  EXPECT_THAT(compilation_differences(predicted, actual),
              ElementsAre(HasSubstr("predicted to fail"), HasSubstr("1000 predicted, 800 found, outside"),
                          HasSubstr("0 predicted, 64 found, within"), "ADD: 1 of 1 predicted on the device, 0 are.",
                          HasSubstr("QUANTIZE: the source has none")));
}

TEST(Compilation, WithoutACompiledFileTheActualSideIsNull) {
  std::vector<graph::Model> models;
  models.push_back(dense());
  const base::Json json = compilation_json("a.tflite", {}, predict_compilation(models, Compiler::V16)[0], std::nullopt);
  EXPECT_TRUE(json["actual"].is_null());
  EXPECT_TRUE(json["differences"].empty());
  EXPECT_TRUE(json["operators"][0]["mapped"].is_null());
  EXPECT_EQ(json["predicted"]["basis"], "predicted");
  EXPECT_EQ(json["predicted"]["mapped_operators"], 1);
}

TEST(Compilation, GenerationOfAVersion) {
  EXPECT_EQ(compiler_of_version("16.0.384591198"), Compiler::V16);
  EXPECT_EQ(compiler_of_version("15.0.340273435"), Compiler::V15);
  EXPECT_EQ(compiler_of_version("14.1.317412892"), Compiler::V14);
  EXPECT_EQ(compiler_of_version("2.1.302470888"), Compiler::V2_1);
  EXPECT_EQ(compiler_of_version("2.0.291256449"), Compiler::V2_0);
  EXPECT_EQ(compiler_of_version("1.0.249710469"), Compiler::V1_0);
  EXPECT_FALSE(compiler_of_version("3.7"));
  EXPECT_FALSE(compiler_of_version(""));
}

TEST(Compilation, AReferencePair) {
  EDGESCOPE_MODEL_OR_SKIP(source, "cpu/mobilenet_v1_0.25_128_quant.tflite");
  EDGESCOPE_MODEL_OR_SKIP(made, "edgetpu/mobilenet_v1_0.25_128_quant_edgetpu.tflite");
  std::vector<graph::Model> sources, compiled;
  sources.push_back(*format::tflite::read(*base::MappedFile::open(source)));
  compiled.push_back(*format::tflite::read(*base::MappedFile::open(made)));
  const auto actual = read_compilation(sources[0], compiled);
  ASSERT_TRUE(actual);
  EXPECT_EQ(actual->subgraphs, 1u);
  EXPECT_EQ(actual->cached_bytes, 566912u);
  EXPECT_EQ(actual->operators.at("CONV_2D"), (OperatorCount{15, 0}));
  EXPECT_THAT(compilation_differences(predict_compilation(sources, Compiler::V16)[0], *actual), IsEmpty());
}

}  // namespace
}  // namespace edgescope::analysis
