#include "analysis/caching_advice.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/edgetpu_sweeps.h"

namespace edgescope::analysis {
namespace {

using namespace target::edgetpu;
using testing::HasSubstr;
using testing_support::LayerBuilder;

struct Told {
  MemoryPrediction memory;
  std::vector<StreamingGroup> groups;
  std::vector<Finding> findings;
};
Told told(const graph::Subgraph& graph, Compiler compiler = Compiler::V16) {
  Told result{.memory = predict_memory(graph, {}, compiler)};
  result.groups = streaming_groups(result.memory, Link::Usb3);
  result.findings = caching_findings(result.memory, result.groups, Link::Usb3);
  return result;
}

const CachingAdvice* advice(const StreamingGroup& group, const std::string& part) {
  for (const CachingAdvice& one : group.advice)
    if (one.change.find(part) != std::string::npos) return &one;
  return nullptr;
}

TEST(CachingAdvice, ABlockLargerThanATileFitsAsAConvolution) {
  LayerBuilder net({1, 16384}, LayerBuilder::Scales::PerTensor, false);
  net.dense(8);
  const Told result = told(std::move(net).finish());
  ASSERT_EQ(result.groups.size(), 1u);
  EXPECT_EQ(result.groups[0].reason, Streams::BlockTooLarge);
  const CachingAdvice* convolution = advice(result.groups[0], "1x1 CONV_2D");
  ASSERT_TRUE(convolution);
  EXPECT_EQ(convolution->saved_bytes, result.memory.streamed_bytes);
  EXPECT_DOUBLE_EQ(convolution->saved_us.low, transfer_in(Link::Usb3, convolution->saved_bytes).low);
  ASSERT_EQ(result.findings.size(), 1u);
  EXPECT_EQ(result.findings[0].kind->id, "edgetpu-block-too-large");
  EXPECT_THAT(result.findings[0].remedy_here, HasSubstr("1x1 CONV_2D"));
}

// The published chain of 100 layers of 100 units: two tiles are full, fourteen empty.
TEST(CachingAdvice, AFullTileIsMendedByANewerCompiler) {
  const auto model = testing_support::sweep_model("dense_relu_U100_L100");
  const Told result = told(model->graph, model->compiler);
  ASSERT_EQ(result.groups.size(), 1u);
  EXPECT_EQ(result.groups[0].reason, Streams::TileFull);
  EXPECT_EQ(result.groups[0].bytes, 281216u);  // as its log prints: 0.268 MiB
  const CachingAdvice* newer = advice(result.groups[0], "version 16");
  ASSERT_TRUE(newer);
  EXPECT_EQ(newer->saved_bytes, 281216u);
  EXPECT_THAT(result.findings[0].why_here, HasSubstr("in other tiles"));
}

// 260 channels take five blocks, 256 four: five layers that stream in part are all kept.
TEST(CachingAdvice, AMultipleOf64ChannelsIsTriedOnTheTiles) {
  LayerBuilder net({1, 16, 16, 260}, LayerBuilder::Scales::PerTensor, true);
  for (int i = 0; i < 11; ++i) net.conv(260, 3);
  const Told result = told(std::move(net).finish());
  ASSERT_EQ(result.groups.size(), 1u);
  EXPECT_EQ(result.groups[0].reason, Streams::PoolFull);
  const CachingAdvice* narrowed = advice(result.groups[0], "all layers");
  ASSERT_TRUE(narrowed);
  EXPECT_THAT(narrowed->change, HasSubstr("from 260 to 256"));
  EXPECT_GT(narrowed->saved_bytes, 0u);
  const CachingAdvice* split = advice(result.groups[0], "2 sticks");
  ASSERT_TRUE(split);
  EXPECT_EQ(split->saved_bytes, result.memory.streamed_bytes);
}

TEST(CachingAdvice, WhatHelpsNothingIsNotAdvised) {
  LayerBuilder net({1, 16, 16, 512}, LayerBuilder::Scales::PerTensor, true);
  for (int i = 0; i < 60; ++i) net.conv(512, 3);  // far too much for four sticks, and a multiple of 64 already
  const Told result = told(std::move(net).finish());
  ASSERT_EQ(result.groups.size(), 1u);
  EXPECT_EQ(advice(result.groups[0], "multiple of 64"), nullptr);
  EXPECT_EQ(advice(result.groups[0], "sticks"), nullptr);
  EXPECT_THAT(result.findings[0].remedy_here, HasSubstr("No change"));
}

TEST(CachingAdvice, ASmallSoftmaxIsNoFindingALargeOneIs) {
  const auto softmax = [](std::int64_t classes) {
    LayerBuilder net({1, 64}, LayerBuilder::Scales::PerTensor, false);
    net.dense(classes);
    net.table(graph::Kind::Softmax);
    return told(std::move(net).finish()).findings;
  };
  EXPECT_TRUE(softmax(1000).empty());  // a multiple of 4 needs no matrix
  EXPECT_TRUE(softmax(10).empty());
  const auto findings = softmax(1001);
  ASSERT_EQ(findings.size(), 1u);
  EXPECT_EQ(findings[0].kind->id, "edgetpu-hidden-matrix");
  EXPECT_EQ(findings[0].cost.bytes, 48256u);
}

TEST(CachingAdvice, TheDocumentAddsUp) {
  const auto model = testing_support::sweep_model("conv3x3same_L5_F522");
  const Told result = told(model->graph);
  const base::Json json = memory_json(result.memory, result.groups);
  std::uint64_t cached = 0, streamed = 0, rows = 0, used = 0;
  for (const base::Json& layer : json["layers"]) {
    (layer["cached"] == true ? cached : streamed) += layer["stored_bytes"].get<std::uint64_t>();
    EXPECT_EQ(layer.contains("why"), layer["cached"] == false);
    for (const base::Json& block : layer["placement"])
      rows += block["tiles"].size() * block["rows"].get<std::uint64_t>();
  }
  for (const base::Json& tile : json["rows_used"]) used += tile.get<std::uint64_t>();
  EXPECT_EQ(json["cached_bytes"], cached);
  EXPECT_EQ(json["streamed_bytes"], streamed);
  EXPECT_EQ(json["stored_bytes"], cached + streamed);
  EXPECT_EQ(rows, used);
  EXPECT_GT(streamed, 0u);
}

}  // namespace
}  // namespace edgescope::analysis
