#include "target/edgetpu/source_traffic.h"

#include <gtest/gtest.h>

#include "base/mapped_file.h"
#include "format/edgetpu/package.h"
#include "format/tflite/reader.h"
#include "support/reference.h"
#include "target/edgetpu/mapping.h"

namespace edgescope::target::edgetpu {
namespace {

TEST(SourceTraffic, TransfersArePadded) {
  const graph::Tensor scores{.type = graph::ElementType::UInt8, .shape = {.dims = {1, 1001}}};
  EXPECT_EQ(input_bytes(scores), 1008u);
  EXPECT_EQ(output_bytes(scores), 1008u);
  const graph::Tensor map{.type = graph::ElementType::Int8, .shape = {.dims = {1, 300, 300, 1}}};
  EXPECT_EQ(input_bytes(map), 90000u);
  EXPECT_EQ(output_bytes(map), 360000u);
}

class SourceAndCompiled : public ::testing::TestWithParam<const char*> {};

// Inputs, outputs and streamed parameters of a source model against what its compiled file moves.
TEST_P(SourceAndCompiled, MoveTheSameBytes) {
  EDGESCOPE_MODEL_OR_SKIP(source, std::string("cpu/") + GetParam() + ".tflite");
  EDGESCOPE_MODEL_OR_SKIP(compiled, std::string("edgetpu/") + GetParam() + "_edgetpu.tflite");
  const auto model = format::tflite::read(*base::MappedFile::open(source));
  const auto compiled_model = format::tflite::read(*base::MappedFile::open(compiled));
  ASSERT_TRUE(model && compiled_model);
  Traffic truth;
  for (const graph::Operator& op : compiled_model->subgraphs[0].operators)
    if (op.source_kind == format::edgetpu::kCustomCode)
      truth += ledger(*format::edgetpu::read_package(op.options, compiled)).per_inference;

  const graph::Subgraph graph = with_batch_of_one(model->subgraphs[0]);
  const std::vector<bool> mapped = map_operators(graph).mapped();
  const SourceTraffic traffic =
      source_traffic(graph, mapped, place(graph, mapped), predict_memory(graph, mapped, Compiler::V16));
  EXPECT_EQ(traffic.calls, 1);
  EXPECT_EQ(traffic.per_inference.low.input, truth.input);
  EXPECT_EQ(traffic.per_inference.low.output, truth.output);
  EXPECT_LE(traffic.per_inference.low.parameters, truth.parameters);
  EXPECT_GE(traffic.per_inference.high.parameters, truth.parameters);
  EXPECT_LE(traffic.per_inference.low.instructions, truth.instructions);
  EXPECT_GE(traffic.per_inference.high.instructions, truth.instructions);
}

INSTANTIATE_TEST_SUITE_P(Edgetpu, SourceAndCompiled,
                         ::testing::Values("bright_64x64", "bright_128x128", "dense_256", "split_concat",
                                           "mobilenet_v1_0.25_128_quant", "mobilenet_v1_0.5_160_quant",
                                           "mobilenet_v1_0.75_192_quant", "deeplabv3_mnv2_dm05_pascal_quant",
                                           "movenet_single_pose_lightning_ptq",
                                           "posenet_mobilenet_v1_075_353_481_16_quant_decoder"));

}  // namespace
}  // namespace edgescope::target::edgetpu
