// What each rewrite makes of a graph, and what it leaves alone. That the result computes the same is shown by running
// it: fix_test.cc, tests/e2e/fix_test.cc.
#include "rewrite/rewrites.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <fstream>
#include <set>

#include "graph/builder.h"
#include "graph/prune.h"
#include "graph/validate.h"

namespace edgescope::rewrite {
namespace {

namespace attr = graph::attr;
using graph::Builder;
using graph::ElementType;
using graph::Format;
using graph::Kind;
using Kinds = std::vector<Kind>;

const Rewrite& named(std::string_view id) {
  for (const Rewrite& rewrite : catalogue())
    if (rewrite.id == id) return rewrite;
  ADD_FAILURE() << "no rewrite " << id;
  return catalogue().front();
}

Kinds kinds(const graph::Model& model) {
  Kinds result;
  for (const graph::Operator& op : model.subgraphs[0].operators) result.push_back(op.kind);
  return result;
}

graph::Model made(Builder&& builder) {
  auto model = std::move(builder).finish();
  EXPECT_TRUE(model) << model.error().message();
  return std::move(*model);
}

// The kinds after it was applied everywhere; inputs and outputs are what they were, and the graph is valid.
Kinds after(std::string_view id, graph::Model model) {
  const graph::Subgraph old = model.subgraphs[0];
  apply_everywhere(named(id), model);
  graph::remove_dead(model);
  const auto valid = graph::validate(model);
  EXPECT_TRUE(valid) << valid.error().message();
  const graph::Subgraph& graph = model.subgraphs[0];
  for (const auto& [before, now] : {std::pair(&old.inputs, &graph.inputs), std::pair(&old.outputs, &graph.outputs)}) {
    EXPECT_EQ(before->size(), now->size());
    for (std::size_t i = 0; i < now->size(); ++i) {
      const auto& a = old.tensors[static_cast<std::size_t>((*before)[i])];
      const auto& b = graph.tensors[static_cast<std::size_t>((*now)[i])];
      EXPECT_EQ(a.name, b.name);
      EXPECT_EQ(a.type, b.type);
      EXPECT_EQ(a.shape.dims, b.shape.dims);
    }
  }
  return kinds(model);
}

graph::Model comparison(Kind kind, ElementType type) {
  Builder b(Format::OpenVinoIr);
  const int x = b.input("x", type, {2, 3}), y = b.input("y", type, {2, 3});
  b.output(b.add(Kind::Cast, {b.add(kind, {x, y})}, {{attr::to, ElementType::Float32}}), "out");
  return made(std::move(b));
}

TEST(Rewrites, Comparisons) {
  const auto floats = ElementType::Float32, whole = ElementType::Int32;
  EXPECT_EQ(after("comparison", comparison(Kind::LessEqual, floats)),
            (Kinds{Kind::Less, Kind::Equal, Kind::Select, Kind::Cast}));
  EXPECT_EQ(after("comparison", comparison(Kind::GreaterEqual, floats)),
            (Kinds{Kind::Greater, Kind::Equal, Kind::Select, Kind::Cast}));
  EXPECT_EQ(after("comparison", comparison(Kind::NotEqual, floats)),
            (Kinds{Kind::Equal, Kind::LogicalNot, Kind::Cast}));
  EXPECT_EQ(after("comparison", comparison(Kind::Less, floats)), (Kinds{Kind::Less, Kind::Cast})) << "compiles";
  EXPECT_EQ(after("comparison", comparison(Kind::LessEqual, whole)), (Kinds{Kind::GreaterEqual, Kind::Cast}));
  EXPECT_EQ(after("comparison", comparison(Kind::Less, whole)),
            (Kinds{Kind::GreaterEqual, Kind::LogicalNot, Kind::Cast}));
  EXPECT_EQ(after("comparison", comparison(Kind::GreaterEqual, whole)), (Kinds{Kind::GreaterEqual, Kind::Cast}));
}

TEST(Rewrites, LogicalAndWhatLeavesTheNetwork) {
  Builder b(Format::OpenVinoIr);
  const int x = b.input("x", ElementType::Bool, {4}), y = b.input("y", ElementType::Bool, {4});
  const int either = b.add(Kind::LogicalOr, {x, y}), odd = b.add(Kind::LogicalXor, {either, y});
  b.output(b.add(Kind::LogicalAnd, {odd, x}), "out");
  const graph::Model model = made(std::move(b));
  EXPECT_EQ(after("logical", model), (Kinds{Kind::Select, Kind::LogicalNot, Kind::Select, Kind::LogicalAnd}));
  EXPECT_EQ(after("truth-output", model),
            (Kinds{Kind::LogicalOr, Kind::LogicalXor, Kind::Cast, Kind::Cast, Kind::Add, Kind::Equal}));
}

TEST(Rewrites, AbsoluteOfFloatsOnly) {
  for (const ElementType type : {ElementType::Float32, ElementType::Int32}) {
    Builder b(Format::OpenVinoIr);
    b.output(b.add(Kind::Abs, {b.input("x", type, {4})}), "out");
    EXPECT_EQ(after("absolute", made(std::move(b))),
              type == ElementType::Float32 ? (Kinds{Kind::Negate, Kind::Maximum}) : Kinds{Kind::Abs});
  }
}

TEST(Rewrites, IdentitiesGoUnlessTheNetworkGivesThemAway) {
  Builder b(Format::TfLite);
  const int x = b.input("x", ElementType::Float32, {2, 3});
  const int same = b.add(Kind::Reshape, {x}, {{attr::shape, {2, 3}}});
  const int plus = b.add(Kind::Add, {same, b.constant<float>("zero", {}, {0.0f})});
  const int other = b.add(Kind::Add, {plus, b.constant<float>("one", {}, {1.0f})});
  b.output(b.add(Kind::Reshape, {other}, {{attr::shape, {2, 3}}}), "out");
  // The last one's result is the network's own, so that its place is kept.
  EXPECT_EQ(after("identity", made(std::move(b))), (Kinds{Kind::Add, Kind::Reshape}));
}

TEST(Rewrites, PairsOfTranspositionsAndReshapes) {
  Builder b(Format::TfLite);
  const int x = b.input("x", ElementType::Float32, {2, 3, 4});
  const int there = b.add(Kind::Transpose, {x}, {{attr::permutation, {2, 0, 1}}});
  const int back = b.add(Kind::Transpose, {there}, {{attr::permutation, {1, 2, 0}}});
  const int flat = b.add(Kind::Reshape, {b.add(Kind::Relu, {back})}, {{attr::shape, {24}}});
  b.output(b.add(Kind::Reshape, {flat}, {{attr::shape, {4, 6}}}), "out");
  EXPECT_EQ(after("pair", made(std::move(b))), (Kinds{Kind::Relu, Kind::Reshape}));
}

TEST(Rewrites, TwoTranspositionsThatAreNoneOnlyTogether) {
  Builder b(Format::TfLite);
  const int x = b.input("x", ElementType::Float32, {2, 3, 4});
  const int first = b.add(Kind::Transpose, {x}, {{attr::permutation, {2, 0, 1}}});
  b.output(b.add(Kind::Transpose, {first}, {{attr::permutation, {2, 0, 1}}}), "out");
  graph::Model model = made(std::move(b));
  apply_everywhere(named("pair"), model);
  graph::remove_dead(model);
  ASSERT_EQ(kinds(model), Kinds{Kind::Transpose});
  EXPECT_EQ(graph::get<std::vector<std::int64_t>>(model.subgraphs[0].operators[0].attributes, attr::permutation),
            (std::vector<std::int64_t>{1, 2, 0}));
}

TEST(Rewrites, CastsThereAndBackWhereNothingIsLost) {
  for (const auto& [through, gone] : {std::pair(ElementType::Float64, true), std::pair(ElementType::Int32, false)}) {
    Builder b(Format::OpenVinoIr);
    const int x = b.input("x", ElementType::Float32, {4});
    const int there = b.add(Kind::Cast, {x}, {{attr::to, through}});
    const int back = b.add(Kind::Cast, {there}, {{attr::to, ElementType::Float32}});
    b.output(b.add(Kind::Relu, {back}), "out");
    EXPECT_EQ(after("pair", made(std::move(b))),
              gone ? Kinds{Kind::Relu} : (Kinds{Kind::Cast, Kind::Cast, Kind::Relu}));
  }
}

TEST(Rewrites, ASandwichLosesItsBread) {
  for (const bool shared : {false, true}) {
    Builder b(Format::TfLite);
    const int x = b.input("x", ElementType::Float32, {1, 4, 5, 3});
    const int there = b.add(Kind::Transpose, {x}, {{attr::permutation, {0, 3, 1, 2}}});
    const int bent = b.add(Kind::Relu, {there});
    const int scaled = b.add(Kind::Multiply, {b.constant<float>("two", {}, {2.0f}), bent});
    const int back = b.add(Kind::Transpose, {scaled}, {{attr::permutation, {0, 2, 3, 1}}});
    b.output(b.add(Kind::Tanh, {back}), "out");
    if (shared) b.output(bent, "inside");  // somebody else wants the filling as it lies
    EXPECT_EQ(after("sandwich", made(std::move(b))),
              shared ? (Kinds{Kind::Transpose, Kind::Relu, Kind::Multiply, Kind::Transpose, Kind::Tanh})
                     : (Kinds{Kind::Relu, Kind::Multiply, Kind::Tanh}));
  }
}

TEST(Rewrites, RowsBecomeTheWidth) {
  Builder b(Format::TfLite);
  const int x = b.input("x", ElementType::Int8, {8, 4});
  b.quantize(x, 0.5f, 1);
  const int w = b.constant<std::int8_t>("w", {3, 4}, std::vector<std::int8_t>(12, 7));
  b.quantize(w, 0.25f, 0);
  const int y = b.add(Kind::FullyConnected, {x, w}, {{attr::activation, "relu"}});
  b.quantize(y, 1.0f, -3);
  b.output(y, "out");
  graph::Model model = made(std::move(b));
  EXPECT_EQ(after("batch-to-width", model), (Kinds{Kind::Reshape, Kind::Convolution, Kind::Reshape}));
  apply_everywhere(named("batch-to-width"), model);
  for (const graph::Operator& op : model.subgraphs[0].operators)
    EXPECT_TRUE(model.subgraphs[0].tensors[static_cast<std::size_t>(op.outputs[0])].quantization) << op.name;
}

TEST(Rewrites, AFusedActivationBecomesAnOperator) {
  Builder b(Format::TfLite);
  const int x = b.input("x", ElementType::Int8, {1, 4, 4, 2});
  b.quantize(x, 0.5f, 0);
  const int pooled =
      b.add(Kind::AveragePool, {x},
            {{attr::kernel, {2, 2}}, {attr::strides, {2, 2}}, {attr::padding, "valid"}, {attr::activation, "relu6"}});
  b.quantize(pooled, 0.5f, 0);
  b.output(pooled, "out");
  EXPECT_EQ(after("pool-activation", made(std::move(b))), (Kinds{Kind::AveragePool, Kind::Relu6}));
}

TEST(Rewrites, AConstantGoesIntoALayerThatNobodyElseReads) {
  for (const bool shared : {false, true})
    for (const char* activation : {"none", "relu"}) {
      Builder b(Format::TfLite);
      const int x = b.input("x", ElementType::Float32, {1, 2});
      const int w = b.constant<float>("w", {2, 2}, {1, 2, 3, 4});
      const int layer = b.add(Kind::FullyConnected, {x, w}, {{attr::activation, activation}});
      b.output(b.add(Kind::Add, {layer, b.constant<float>("c", {2}, {5, 6})}), "out");
      if (shared) b.output(layer, "inside");
      const bool stays = shared || std::string_view(activation) == "relu";
      EXPECT_EQ(after("into-layer", made(std::move(b))),
                stays ? (Kinds{Kind::FullyConnected, Kind::Add}) : Kinds{Kind::FullyConnected})
          << shared << activation;
    }
}

TEST(Rewrites, WhatMovesGoesFirst) {
  for (const bool shared : {false, true}) {
    Builder b(Format::TfLite);
    const int x = b.input("x", ElementType::Float32, {2, 3});
    const int bent = b.add(Kind::Exp, {x});
    b.output(b.add(Kind::Reshape, {bent}, {{attr::shape, {6}}}), "out");
    if (shared) b.output(bent, "inside");
    EXPECT_EQ(after("move-first", made(std::move(b))),
              shared ? (Kinds{Kind::Exp, Kind::Reshape}) : (Kinds{Kind::Reshape, Kind::Exp}));
  }
}

TEST(Rewrites, ActivationsOfFloatsAreNotTheEdgeTpusBusiness) {
  Builder b(Format::TfLite);
  b.output(b.add(Kind::HardSwish, {b.input("x", ElementType::Float32, {1, 4})}), "out");
  EXPECT_EQ(after("bent-line", made(std::move(b))), Kinds{Kind::HardSwish});
}

TEST(Rewrites, LongOrExclusiveSumsAreLeftAlone) {
  for (const auto& [length, exclusive] : {std::pair(4, false), std::pair(17, false), std::pair(4, true)}) {
    Builder b(Format::OpenVinoIr);
    const int x = b.input("x", ElementType::Float32, {length});
    const int axis = b.constant<std::int64_t>("axis", {}, {0});
    const int sums = b.add_given({.kind = Kind::Cumsum,
                                  .source_kind = "opset3:CumSum",
                                  .inputs = {x, axis},
                                  .attributes = {{"exclusive", exclusive}}},
                                 {{ElementType::Float32, {length}}})[0];
    b.output(sums, "out");
    const Kinds all = after("axis-steps", made(std::move(b)));
    EXPECT_EQ(all.size(), length == 4 && !exclusive ? 4u + 3 + 1 : 1u) << length << exclusive;
  }
}

TEST(Rewrites, WhatDoesNotFitIsLeftAlone) {
  graph::Model model = comparison(Kind::LessEqual, ElementType::Float32);
  for (graph::Tensor& tensor : model.subgraphs[0].tensors) tensor.shape.dims[0] = graph::kDynamic;
  const std::size_t tensors = model.subgraphs[0].tensors.size(), owned = model.owned.size();
  EXPECT_TRUE(apply_everywhere(named("comparison"), model).empty());
  EXPECT_EQ(model.subgraphs[0].tensors.size(), tensors) << "all or nothing";
  EXPECT_EQ(model.owned.size(), owned);
}

TEST(Rewrites, OnlyWhereAsked) {
  Builder b(Format::OpenVinoIr);
  const int x = b.input("x", ElementType::Float32, {4});
  const int one = b.add(Kind::Abs, {x}), two = b.add(Kind::Abs, {one});
  b.output(two, "out");
  graph::Model model = made(std::move(b));
  const std::set<int> only = {two};
  EXPECT_EQ(apply_everywhere(named("absolute"), model, &only).size(), 1u);
  EXPECT_EQ(kinds(model), (Kinds{Kind::Abs, Kind::Negate, Kind::Maximum}));
}

TEST(Rewrites, TheCatalogueIsSaid) {
  std::ifstream file(EDGESCOPE_SOURCE_DIR "/docs/fix.md");
  const std::string page((std::istreambuf_iterator<char>(file)), {});
  std::set<std::string_view> ids;
  for (const Rewrite& rewrite : catalogue()) {
    EXPECT_TRUE(ids.insert(rewrite.id).second) << rewrite.id;
    const std::string row = fmt::format("| `{}` | {} |", rewrite.id, rewrite.target.empty() ? "any" : rewrite.target);
    EXPECT_NE(page.find(row), std::string::npos) << row;
    EXPECT_FALSE(rewrite.about.empty() || rewrite.why.empty()) << rewrite.id;
    EXPECT_EQ(rewrite.equivalence == Equivalence::Exact, rewrite.tolerance == 0) << rewrite.id;
    EXPECT_EQ(rewrite.equivalence == Equivalence::Exact, rewrite.bound.empty()) << rewrite.id;
  }
}

}  // namespace
}  // namespace edgescope::rewrite
