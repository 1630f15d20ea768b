#include "analysis/edgetpu_source.h"

#include <gtest/gtest.h>

#include "analysis/test_compiled.h"
#include "format/tflite/reader.h"
#include "support/reference.h"

namespace edgescope::analysis {
namespace {

using base::Json;

// The source of a compiled model that left `cpu` operators behind a fully connected layer.
graph::Model source_of(const std::vector<std::string>& cpu) {
  static const std::vector<std::byte> weights(64 * 8, std::byte{3});
  graph::Model model;
  model.subgraphs.resize(1);
  model.files = {base::MappedFile::borrow(weights, "m.tflite")};
  graph::Subgraph& graph = model.subgraphs.front();
  graph.tensors = {
      {.name = "in", .type = graph::ElementType::Int8, .shape = {.dims = {1, 8}}},
      {.name = "w", .type = graph::ElementType::Int8, .shape = {.dims = {64, 8}}, .constant = true, .data = weights},
      {.name = "t1", .type = graph::ElementType::Int8, .shape = {.dims = {1, 64}}}};
  graph.inputs = {0};
  graph.operators = {
      {.kind = graph::Kind::FullyConnected, .source_kind = "FULLY_CONNECTED", .inputs = {0, 1}, .outputs = {2}}};
  for (const std::string& kind : cpu) {
    graph.tensors.push_back({.name = "t" + std::to_string(graph.tensors.size() - 1),
                             .type = graph::ElementType::Int8,
                             .shape = {.dims = {1, 16}}});
    graph.operators.push_back({.kind = graph::Kind::Custom,
                               .source_kind = kind,
                               .inputs = {static_cast<int>(graph.tensors.size()) - 2},
                               .outputs = {static_cast<int>(graph.tensors.size()) - 1}});
  }
  graph.outputs = {static_cast<int>(graph.tensors.size()) - 1};
  return model;
}

TEST(EdgeTpuSource, NamesWhatStayedOnTheCpu) {
  CompiledModel compiled;
  compiled.device(cached_pair());
  compiled.cpu("ARG_MAX");
  compiled.cpu("CAST");
  const auto matched = match_source(compiled.model, compiled.packages, source_of({"ARG_MAX", "CAST"}));
  ASSERT_TRUE(matched) << matched.error().message();
  ASSERT_EQ(matched->cpu.size(), 2u);
  EXPECT_EQ(matched->cpu[0].source, 1);
  EXPECT_EQ(matched->cpu[1].source, 2);
  const Json json = edgetpu_source_json(*matched);
  EXPECT_EQ(json["operators"], 3);
  EXPECT_EQ(json["mapped_operators"], 1);
  EXPECT_EQ(json["cpu_operators"][0]["source_kind"], "ARG_MAX");
  // 64 outputs of 8 inputs: two rows of 256 B; the file holds other parameters.
  ASSERT_EQ(json["layers"].size(), 1u);
  EXPECT_EQ(json["layers"][0]["stored_bytes"], 512);
  EXPECT_EQ(json["layers"][0]["basis"], "predicted");
  EXPECT_FALSE(json["layers"][0].contains("placement"));
  EXPECT_EQ(json["complete"], false);
  EXPECT_EQ(json["notes"].size(), 1u);
  EXPECT_EQ(json["stored_bytes"], Json({{"predicted", 512}, {"decoded", 192}, {"difference", 320}}));
}

TEST(EdgeTpuSource, RefusesAModelThatWasNotTheSource) {
  CompiledModel compiled;
  compiled.device(cached_pair());
  compiled.cpu("ARG_MAX");
  const auto matched = match_source(compiled.model, compiled.packages, source_of({"CAST"}));
  ASSERT_FALSE(matched);
  EXPECT_EQ(base::exit_code(matched.error().fault), 3);
  EXPECT_NE(matched.error().message().find("operator 1 (ARG_MAX)"), std::string::npos);
}

// Of the co-compiled model's layers the file says which lost their place; the law, alone on the chip, says none.
TEST(EdgeTpuSource, ACoCompiledModelLayerByLayer) {
  EDGESCOPE_MODEL_OR_SKIP(compiled_file, "edgetpu/mobilenet_v1_0.25_128_quant_cocompiled_with_3quant_edgetpu.tflite");
  EDGESCOPE_MODEL_OR_SKIP(source_file, "cpu/mobilenet_v1_0.25_128_quant.tflite");
  const auto compiled = format::tflite::read(*base::MappedFile::open(compiled_file));
  const auto source = format::tflite::read(*base::MappedFile::open(source_file));
  ASSERT_TRUE(compiled && source);
  const auto operators = edgetpu_operators(*compiled);
  const auto matched = match_source(*compiled, *operators, *source);
  ASSERT_TRUE(matched) << matched.error().message();
  const Json json = edgetpu_source_json(*matched);
  EXPECT_EQ(json["complete"], true);
  EXPECT_EQ(json["cached_bytes"]["decoded"], 315840);
  EXPECT_EQ(json["cached_bytes"]["predicted"], 566912);
  EXPECT_EQ(json["notes"].size(), 0u);
  std::uint64_t cached = 0, streamed = 0;
  for (const Json& layer : json["layers"]) {
    EXPECT_EQ(layer["basis"], "exact");
    cached += layer["cached_bytes"].get<std::uint64_t>();
    streamed += layer["stored_bytes"].get<std::uint64_t>() - layer["cached_bytes"].get<std::uint64_t>();
  }
  EXPECT_EQ(cached, 315840u);
  EXPECT_EQ(streamed, 251072u);
}

}  // namespace
}  // namespace edgescope::analysis
