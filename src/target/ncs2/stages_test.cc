#include "target/ncs2/stages.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace edgescope::target::ncs2 {
namespace {

using testing::ElementsAre;

graph::Operator layer(const std::string& name, std::int64_t order, const std::string& primitive,
                      const std::string& layers, std::vector<int> outputs) {
  return {.kind = graph::Kind::Unknown,
          .name = name,
          .source_kind = "Convolution",
          .outputs = std::move(outputs),
          .attributes = {{"execOrder", order}, {"primitiveType", primitive}, {"originalLayersNames", layers}}};
}

TEST(Ncs2Stages, OnlyWhatIsExecutedInItsOrder) {
  graph::Model model;
  graph::Subgraph graph;
  graph.tensors = {{.name = "a", .shape = {.known = true, .dims = {1, 24, 8, 8}, .symbols = {}}},
                   {.name = "b", .shape = {.known = true, .dims = {1, 10}, .symbols = {}}}};
  graph.operators = {layer("input", -1, "NONE", "x", {}), layer("last", 2, "SoftMax", "y", {1}),
                     layer("split", -1, "Split", "c", {0, 0}),
                     layer("conv", 1, "MyriadXHwOp + injected[Copy, Convert]", "c,bias", {0, 0}),
                     layer("first", 0, "Convert", "", {0})};
  model.subgraphs.push_back(graph);
  const auto stages = stages_of(model);
  ASSERT_TRUE(stages) << stages.error().message();
  ASSERT_EQ(stages->size(), 3u);
  EXPECT_EQ((*stages)[0].kind, "Convert");
  EXPECT_TRUE((*stages)[0].layers.empty());
  EXPECT_EQ((*stages)[1].kind, "MyriadXHwOp");
  EXPECT_THAT((*stages)[1].injected, ElementsAre("Copy", "Convert"));
  EXPECT_THAT((*stages)[1].layers, ElementsAre("c", "bias"));
  EXPECT_EQ((*stages)[1].output_elements, 24u * 64);
  EXPECT_EQ((*stages)[2].output_elements, 10u);
}

TEST(Ncs2Stages, AnOrdinaryNetworkIsNone) {
  graph::Model model;
  EXPECT_FALSE(stages_of(model));
  model.subgraphs.push_back(
      {.name = "", .operators = {{.kind = graph::Kind::Relu, .name = "r", .source_kind = "ReLU"}}});
  EXPECT_FALSE(stages_of(model));
}

}  // namespace
}  // namespace edgescope::target::ncs2
