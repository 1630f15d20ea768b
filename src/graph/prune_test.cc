#include "graph/prune.h"

#include <gtest/gtest.h>

#include "graph/builder.h"
#include "graph/validate.h"

namespace edgescope::graph {
namespace {

// y = relu(a) + b and, beside it, z = exp(b).
Model forked() {
  Builder b(Format::TfLite);
  const int x = b.input("a", ElementType::Float32, {1, 4}), y = b.input("b", ElementType::Float32, {1, 4});
  const int relu = b.add(Kind::Relu, {x}, {}, "relu");
  b.output(b.add(Kind::Add, {relu, y}, {}, "sum"), "y");
  b.output(b.add(Kind::Exp, {y}, {}, "exp"), "z");
  auto model = std::move(b).finish();
  EXPECT_TRUE(model);
  return *std::move(model);
}

TEST(Prune, WhatNobodyNeedsGoesAway) {
  Model model = forked();
  model.subgraphs[0].outputs.pop_back();
  EXPECT_EQ(remove_dead(model), 1u);
  EXPECT_EQ(model.subgraphs[0].operators.size(), 2u);
  EXPECT_EQ(model.subgraphs[0].inputs.size(), 2u) << "a network keeps its inputs";
  EXPECT_TRUE(validate(model));
  EXPECT_EQ(remove_dead(model), 0u);
}

TEST(Prune, WhatIsNotKnownStays) {
  Model model = forked();
  model.subgraphs[0].operators[2].custom = true;
  model.subgraphs[0].outputs.pop_back();
  EXPECT_EQ(remove_dead(model), 0u);
}

TEST(Prune, APrefixHasTheInputsAndOperatorsThatItsTensorNeeds) {
  const Model model = forked();
  const Subgraph& whole = model.subgraphs[0];
  const int relu = whole.operators[0].outputs[0];
  const Model cut = prefix(model, relu);
  const Subgraph& graph = cut.subgraphs[0];
  ASSERT_TRUE(validate(cut));
  ASSERT_EQ(graph.operators.size(), 1u);
  EXPECT_EQ(graph.operators[0].kind, Kind::Relu);
  ASSERT_EQ(graph.inputs.size(), 1u);
  EXPECT_EQ(graph.tensors[static_cast<std::size_t>(graph.inputs[0])].name, "a");
  ASSERT_EQ(graph.outputs.size(), 1u);
  EXPECT_EQ(graph.tensors[static_cast<std::size_t>(graph.outputs[0])].name,
            whole.tensors[static_cast<std::size_t>(relu)].name);
  EXPECT_EQ(graph.tensors.size(), 2u);
  EXPECT_EQ(whole.operators.size(), 3u) << "the model itself is as it was";
}

}  // namespace
}  // namespace edgescope::graph
