#include "graph/uses.h"

#include <gtest/gtest.h>

namespace edgescope::graph {
namespace {

// Operator i reads `inputs` and makes tensor 10 + i.
Subgraph graph_of(std::vector<std::vector<int>> operators) {
  Subgraph graph;
  graph.tensors.resize(20);
  for (auto& inputs : operators)
    graph.operators.push_back({.inputs = inputs, .outputs = {10 + static_cast<int>(graph.operators.size())}});
  return graph;
}

TEST(Uses, ProducersAndConsumers) {
  const Uses found = uses(graph_of({{0, -1, 0}, {10, 0}, {10}}));
  EXPECT_EQ(found.producer[0], -1);
  EXPECT_EQ(found.producer[11], 1);
  EXPECT_EQ(found.consumers[0], (std::vector<int>{0, 1})) << "each operator once";
  EXPECT_EQ(found.consumers[10], (std::vector<int>{1, 2}));
  EXPECT_TRUE(found.consumers[12].empty());
}

TEST(Uses, OrderFollowsResultsAndThenTheFile) {
  EXPECT_EQ(execution_order(graph_of({{0}, {1}, {10}})), (std::vector<int>{0, 1, 2}));
  EXPECT_EQ(execution_order(graph_of({{12}, {0}, {11}})), (std::vector<int>{1, 2, 0}));
}

TEST(Uses, ACycleIsLeftOut) { EXPECT_EQ(execution_order(graph_of({{0}, {12}, {11}})), (std::vector<int>{0})); }

}  // namespace
}  // namespace edgescope::graph
