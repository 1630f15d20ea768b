#include "graph/emitter.h"

#include <gtest/gtest.h>

#include "base/half.h"

namespace edgescope::graph {
namespace {

TEST(Emitter, EqualConstantsAreOneTensor) {
  Model model;
  model.subgraphs.resize(1);
  Emitter emitter(model, model.subgraphs[0]);
  const int a = emitter.ints({1, 2}, ElementType::Int32), b = emitter.ints({1, 2}, ElementType::Int32);
  EXPECT_EQ(a, b);
  EXPECT_NE(a, emitter.ints({1, 2}, ElementType::Int64));
  EXPECT_NE(emitter.ints({1}, ElementType::Int32), emitter.ints({1}, ElementType::Int32, true));
  EXPECT_EQ(emitter.tensor(a).data.size(), 8u);
  EXPECT_EQ(model.owned.size(), 4u);
}

TEST(Emitter, WritesNumbersInEveryFloat) {
  Model model;
  model.subgraphs.resize(1);
  Emitter emitter(model, model.subgraphs[0]);
  const int half = emitter.real(0.1, ElementType::Float16);
  std::uint16_t bits = 0;
  std::memcpy(&bits, emitter.tensor(half).data.data(), 2);
  EXPECT_EQ(bits, base::to_half(0.1F));
  EXPECT_EQ(emitter.tensor(emitter.real(0.1, ElementType::Float64)).data.size(), 8u);
  EXPECT_TRUE(emitter.tensor(half).shape.dims.empty());
}

TEST(Emitter, ReplacesTheOperators) {
  Model model;
  Subgraph& graph = model.subgraphs.emplace_back();
  graph.operators = {{.kind = Kind::Add}, {.kind = Kind::Relu}};
  Emitter emitter(model, graph);
  emitter.emit({.kind = Kind::Negate, .outputs = {emitter.result(ElementType::Float32, {2}, "y")}});
  emitter.finish();
  ASSERT_EQ(graph.operators.size(), 1u);
  EXPECT_EQ(graph.tensors[0].name, "y");
}

}  // namespace
}  // namespace edgescope::graph
