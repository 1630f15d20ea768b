#include "graph/unique_names.h"

#include <gmock/gmock.h>

namespace edgescope::graph {
namespace {

TEST(UniqueNames, EndsKeepTheirs) {
  Subgraph graph;
  for (const char* name : {"x", "", "x", "y", "y", "", ""}) graph.tensors.push_back({.name = name});
  graph.inputs = {2};
  graph.outputs = {4};
  graph.operators.push_back({.inputs = {2, 0}, .outputs = {1, 5}});
  graph.operators.push_back({.inputs = {1, 6}, .outputs = {4}});
  unique_names(graph);
  std::vector<std::string> names;
  for (const Tensor& tensor : graph.tensors) names.push_back(tensor.name);
  EXPECT_THAT(names, testing::ElementsAre("x_1", "result", "x", "y_1", "y", "result_1", "constant"));
}

}  // namespace
}  // namespace edgescope::graph
