#include "graph/validate.h"

#include <gtest/gtest.h>

#include "graph/uses.h"

namespace edgescope::graph {
namespace {

Model chain() {
  Model model;
  Subgraph graph;
  for (int i = 0; i < 3; ++i)
    graph.tensors.push_back({.name = "t" + std::to_string(i), .type = ElementType::Float32, .shape = {.dims = {1}}});
  graph.operators.push_back({.source_kind = "RELU", .inputs = {1}, .outputs = {2}});
  graph.operators.push_back({.source_kind = "TANH", .inputs = {0}, .outputs = {1}});
  graph.inputs = {0};
  graph.outputs = {2};
  model.subgraphs.push_back(graph);
  return model;
}

TEST(Validate, AcceptsAChainInAnyFileOrder) {
  const Model model = chain();
  EXPECT_TRUE(validate(model));
  EXPECT_EQ(execution_order(model.subgraphs[0]), (std::vector<int>{1, 0}));
  const Uses use = uses(model.subgraphs[0]);
  EXPECT_EQ(use.producer, (std::vector<int>{-1, 1, 0}));
  EXPECT_EQ(use.consumers[1], (std::vector<int>{0}));
}

TEST(Validate, NamesWhatIsWrong) {
  Model model = chain();
  model.subgraphs[0].operators[1].inputs = {2};
  EXPECT_NE(validate(model).error().what.find("cycle"), std::string::npos);

  model = chain();
  model.subgraphs[0].operators[0].inputs = {9};
  EXPECT_NE(validate(model).error().what.find("tensor 9 of 3"), std::string::npos);

  model = chain();
  model.subgraphs[0].operators[0].outputs = {1};
  EXPECT_NE(validate(model).error().what.find("second producer"), std::string::npos);

  model = chain();
  model.subgraphs[0].tensors[0].constant = true;
  EXPECT_NE(validate(model).error().what.find("takes 4 bytes, the file has 0"), std::string::npos);

  model = chain();
  model.subgraphs[0].tensors[0].constant = true;
  model.subgraphs[0].tensors[0].shape.dims = {1ll << 40, 1ll << 40};
  EXPECT_NE(validate(model).error().what.find("64 bits"), std::string::npos);
}

}  // namespace
}  // namespace edgescope::graph
