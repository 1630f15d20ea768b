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

// A layer of one row whose weights are scaled by channel.
TEST(Rewrites, ScalesByChannelAreForConvolutions) {
  for (const bool by_channel : {false, true}) {
    Builder b(Format::TfLite);
    const int x = b.input("x", ElementType::Int8, {1, 4});
    b.quantize(x, 0.5f, 1);
    const int w = b.constant<std::int8_t>("w", {2, 4}, std::vector<std::int8_t>(8, 7));
    if (by_channel)
      b.quantize(w, {.scales = {0.25f, 0.5f}, .zero_points = {0, 0}, .axis = 0});
    else
      b.quantize(w, 0.25f, 0);
    const int y = b.add(Kind::FullyConnected, {x, w});
    b.quantize(y, 1.0f, -3);
    b.output(y, "out");
    EXPECT_EQ(after("batch-to-width", made(std::move(b))),
              by_channel ? (Kinds{Kind::Reshape, Kind::Convolution, Kind::Reshape}) : Kinds{Kind::FullyConnected});
  }
}

int eight_bits(Builder& b, int tensor) {
  b.quantize(tensor, 0.5f, 1);
  return tensor;
}

TEST(Rewrites, AReductionIsDoneInRuns) {
  const auto over = [](Kind kind, std::vector<std::int64_t> dims, std::vector<std::int64_t> axes) {
    Builder b(Format::TfLite);
    const int x = eight_bits(b, b.input("x", ElementType::Int8, std::move(dims)));
    b.output(eight_bits(b, b.add(kind, {x}, {{attr::axes, std::move(axes)}, {attr::keep_dims, false}})), "out");
    return after("reduction-parts", made(std::move(b)));
  };
  const Kinds one = {Kind::Reshape, Kind::ReduceMean, Kind::Reshape};
  const Kinds two = {Kind::Reshape, Kind::ReduceMean, Kind::Reshape, Kind::ReduceMean, Kind::Reshape};
  EXPECT_EQ(over(Kind::ReduceMean, {3, 4, 5, 8}, {0}), one) << "the batch";
  EXPECT_EQ(over(Kind::ReduceMean, {3, 4, 5, 8}, {1, 2}), one) << "images of a batch";
  EXPECT_EQ(over(Kind::ReduceMean, {3, 4, 5, 8}, {0, 2}), two);
  EXPECT_EQ(over(Kind::ReduceMean, {1, 4, 5, 6}, {1, 2, 3}),
            (Kinds{Kind::Reshape, Kind::ReduceMean, Kind::Reshape, Kind::Reshape, Kind::Convolution, Kind::Reshape}))
      << "channels apart, of a number that is refused";
  EXPECT_EQ(over(Kind::ReduceMean, {4, 5, 8}, {1}), Kinds{Kind::ReduceMean}) << "taken as it is";
  EXPECT_EQ(over(Kind::ReduceSum, {3, 4, 5, 8}, {0, 2}), Kinds{Kind::ReduceSum}) << "the steps would be too coarse";
}

TEST(Rewrites, APackThatIsReshapedAgainIsAConcatenation) {
  for (const bool flat : {false, true}) {
    Builder b(Format::TfLite);
    const int x = eight_bits(b, b.input("x", ElementType::Int8, {1, 4, 5, 2}));
    const int twice = eight_bits(b, b.add(Kind::Pack, {x, x}, {{attr::axis, 3}}));
    b.output(flat ? eight_bits(b, b.add(Kind::Reshape, {twice}, {{attr::shape, {1, 4, 10, 2}}})) : twice, "out");
    EXPECT_EQ(after("pack", made(std::move(b))),
              flat ? (Kinds{Kind::Reshape, Kind::Reshape, Kind::Concatenation, Kind::Reshape}) : Kinds{Kind::Pack})
        << "five dimensions are too many as a result, too";
  }
}

TEST(Rewrites, PartsAreSlices) {
  Builder b(Format::TfLite);
  const int x = eight_bits(b, b.input("x", ElementType::Int8, {1, 4, 2, 6}));
  int i = 0;
  for (const int part : b.add_all(Kind::Unpack, {x}, {{attr::axis, 2}}))
    b.output(eight_bits(b, part), "row" + std::to_string(i++));
  for (const int part : b.add_all(Kind::Split, {x}, {{attr::axis, 3}, {attr::sizes, {1, 5}}}))
    b.output(eight_bits(b, part), "part" + std::to_string(i++));
  EXPECT_EQ(after("unpack", made(std::move(b))),
            (Kinds{Kind::Slice, Kind::Reshape, Kind::Slice, Kind::Reshape, Kind::Slice, Kind::Slice}));
}

TEST(Rewrites, ConstantPlacesAreSlicesOrOneHotWeights) {
  const auto of = [](std::vector<std::int32_t> places, std::int64_t axis) {
    Builder b(Format::TfLite);
    const int x = eight_bits(b, b.input("x", ElementType::Int8, {1, 4, 5, 12}));
    const auto count = static_cast<std::int64_t>(places.size());
    const int at = b.constant<std::int32_t>("places", {count}, places);
    b.output(eight_bits(b, b.add(Kind::Gather, {x, at}, {{attr::axis, axis}})), "out");
    return after("constant-gather", made(std::move(b)));
  };
  EXPECT_EQ(of({1, 2, 3}, 2), Kinds{Kind::Slice}) << "side by side";
  EXPECT_EQ(of({3, 0, 1}, 1), (Kinds{Kind::Slice, Kind::Slice, Kind::Concatenation}));
  EXPECT_EQ(of({11, 9, 7, 5, 3, 1, 0, 2, 4, 6}, 3), (Kinds{Kind::Reshape, Kind::Convolution}));
}

TEST(Rewrites, CopiesAreConcatenations) {
  Builder b(Format::TfLite);
  const int x = eight_bits(b, b.input("x", ElementType::Int8, {1, 2, 1, 4}));
  b.output(eight_bits(b, b.add(Kind::Tile, {x}, {{attr::repeats, {1, 2, 3, 1}}})), "out");
  b.output(eight_bits(b, b.add(Kind::Expand, {x}, {{attr::shape, {1, 2, 20, 4}}})), "many");
  EXPECT_EQ(after("copies", made(std::move(b))), (Kinds{Kind::Concatenation, Kind::Concatenation, Kind::Expand}));
}

TEST(Rewrites, OnePixelIsEnlargedInSteps) {
  for (const std::int64_t from : {1, 2}) {
    Builder b(Format::TfLite);
    const int x = eight_bits(b, b.input("x", ElementType::Int8, {1, from, from, 4}));
    b.output(eight_bits(b, b.add(Kind::ResizeBilinear, {x}, {{attr::sizes, {33, 33}}})), "out");
    EXPECT_EQ(after("resize-steps", made(std::move(b))).size(), from == 1 ? 3u : 1u) << from;
  }
}

TEST(Rewrites, StepsOfASliceAreReshapes) {
  for (const auto& [begin, end, sizes] : {std::tuple(0, 8, 4), std::tuple(1, 7, 3), std::tuple(1, 8, 4)}) {
    Builder b(Format::TfLite);
    const int x = eight_bits(b, b.input("x", ElementType::Int8, {1, 8, 6, 4}));
    const int y = b.add(Kind::StridedSlice, {x},
                        {{attr::begin, {0, begin, 0, 0}}, {attr::end, {1, end, 6, 4}}, {attr::strides, {1, 2, 1, 1}}});
    ASSERT_EQ(b.dims(y)[1], sizes);
    b.output(eight_bits(b, y), "out");
    const Kinds made_of = after("slice", made(std::move(b)));
    EXPECT_FALSE(made_of.empty());
    for (const Kind kind : made_of) EXPECT_TRUE(kind == Kind::Slice || kind == Kind::Reshape) << begin;
  }
}

TEST(Rewrites, GroupsAreConvolutionsOfTheirOwn) {
  Builder b(Format::TfLite);
  const int x = eight_bits(b, b.input("x", ElementType::Int8, {1, 4, 4, 8}));
  const int w = b.constant<std::int8_t>("w", {4, 1, 1, 4}, std::vector<std::int8_t>(16, 3));
  b.quantize(w, {.scales = {0.1f, 0.2f, 0.3f, 0.4f}, .zero_points = {0, 0, 0, 0}, .axis = 0});
  const int y =
      b.add(Kind::Convolution, {x, w},
            {{attr::strides, {1, 1}}, {attr::dilations, {1, 1}}, {attr::padding, "valid"}, {attr::groups, 2}});
  b.output(eight_bits(b, y), "out");
  graph::Model model = made(std::move(b));
  EXPECT_EQ(after("grouped-convolution", model),
            (Kinds{Kind::Slice, Kind::Convolution, Kind::Slice, Kind::Convolution, Kind::Concatenation}));
  apply_everywhere(named("grouped-convolution"), model);
  const graph::Subgraph& graph = model.subgraphs[0];
  const auto weights = graph.tensors[static_cast<std::size_t>(graph.operators[3].inputs[1])];
  EXPECT_EQ(weights.quantization->scales, (std::vector<float>{0.3f, 0.4f})) << "of its own channels";
}

TEST(Rewrites, FunctionsOfBytes) {
  for (const auto& [kind, expected] : {std::pair(Kind::Abs, Kinds{Kind::Multiply, Kind::Quantize, Kind::Maximum}),
                                       std::pair(Kind::Exp, Kinds{Kind::Dequantize, Kind::Exp, Kind::Quantize})}) {
    Builder b(Format::TfLite);
    b.output(eight_bits(b, b.add(kind, {eight_bits(b, b.input("x", ElementType::Int8, {1, 4}))})), "out");
    EXPECT_EQ(after("byte-function", made(std::move(b))), expected) << graph::kind_name(kind);
  }
}

TEST(Rewrites, RowsBecomeTheWidthForTheNcs2WithTheirBias) {
  for (const std::int64_t rows : {2, 3})
    for (const bool biased : {false, true}) {
      Builder b(Format::OpenVinoIr);
      const int x = b.input("x", ElementType::Float32, {rows, 4});
      const int w = b.constant<float>("w", {4, 2}, {1, 2, 3, 4, 5, 6, 7, 8});
      int y = b.add(Kind::Matmul, {x, w});
      if (biased) y = b.add(Kind::Add, {y, b.constant<float>("c", {2}, {9, 10})});
      b.output(y, "out");
      Kinds expected = {Kind::Reshape, Kind::Transpose, Kind::Convolution, Kind::Transpose, Kind::Reshape};
      if (biased) expected.insert(expected.begin() + 3, Kind::Add);
      if (rows == 2) expected = biased ? Kinds{Kind::Matmul, Kind::Add} : Kinds{Kind::Matmul};
      EXPECT_EQ(after("rows-to-width", made(std::move(b))), expected) << rows << biased;
    }
}

// Of three kinds of models, what a constant behind a layer becomes.
TEST(Rewrites, ConstantsOfEveryFormatGoIntoALayer) {
  const auto chain = [](Format format, std::vector<Kind> behind) {
    Builder b(format);
    const int x = b.input("x", ElementType::Float32, {1, 2, 5, 5});
    const int w = b.constant<float>("w", {3, 2, 1, 1}, {1, 2, 3, 4, 5, 6});
    int y = b.add(Kind::Convolution, {x, w},
                  {{attr::strides, {1, 1}}, {attr::dilations, {1, 1}}, {attr::padding, "valid"}});
    for (const Kind kind : behind) y = b.add(kind, {y, b.constant<float>("c", {1, 3, 1, 1}, {7, 8, 9})});
    b.output(y, "out");
    return after("into-layer", made(std::move(b)));
  };
  EXPECT_EQ(chain(Format::Onnx, {Kind::Add}), Kinds{Kind::Convolution});
  EXPECT_EQ(chain(Format::OpenVinoIr, {Kind::Add}), (Kinds{Kind::Convolution, Kind::Add})) << "a bias is an addition";
  EXPECT_EQ(chain(Format::OpenVinoIr, {Kind::Multiply}), Kinds{Kind::Convolution});
  EXPECT_EQ(chain(Format::OpenVinoIr, {Kind::Add, Kind::Multiply}), (Kinds{Kind::Convolution, Kind::Add}));
  EXPECT_EQ(chain(Format::OpenVinoIr, {Kind::Add, Kind::Add}), (Kinds{Kind::Convolution, Kind::Add}));
}

TEST(Rewrites, WhatIsScaledBeforeALayerIsScaledByIt) {
  Builder b(Format::OpenVinoIr);
  const int x = b.input("x", ElementType::Float32, {1, 2});
  const int scaled = b.add(Kind::Multiply, {x, b.constant<float>("c", {1}, {0.5f})});
  b.output(b.add(Kind::Matmul, {scaled, b.constant<float>("w", {2, 2}, {1, 2, 3, 4})}), "out");
  EXPECT_EQ(after("into-layer", made(std::move(b))), Kinds{Kind::Matmul});
}

TEST(Rewrites, AllFloatsAreHalvesWithTheEnds) {
  for (const float number : {1.0f, 1e5f}) {
    Builder b(Format::OpenVinoIr);
    const int x = b.input("x", ElementType::Float32, {1, 2}), n = b.input("n", ElementType::Int32, {1, 2});
    const int real = b.add(Kind::Cast, {n}, {{attr::to, ElementType::Float32}});
    b.output(b.add(Kind::Multiply, {b.add(Kind::Add, {x, real}), b.constant<float>("c", {1}, {number})}), "y");
    graph::Model model = made(std::move(b));
    const bool held = number < 65504;
    EXPECT_EQ(apply_everywhere(named("half-ends"), model).empty(), !held) << "a constant would be infinite";
    ASSERT_TRUE(graph::validate(model));
    for (const graph::Tensor& tensor : model.subgraphs[0].tensors) {
      if (tensor.name == "n") continue;
      EXPECT_EQ(tensor.type, held ? ElementType::Float16 : ElementType::Float32) << tensor.name;
    }
    EXPECT_EQ(graph::get<std::string>(model.subgraphs[0].operators[0].attributes, attr::to), held ? "f16" : "f32");
  }
}

TEST(Rewrites, BytesAtTheEnds) {
  Builder b(Format::TfLite);
  const int x = b.input("x", ElementType::Float32, {1, 4});
  const int q = eight_bits(b, b.add(Kind::Quantize, {x}, {{attr::to, ElementType::Int8}}));
  b.output(b.add(Kind::Dequantize, {eight_bits(b, b.add(Kind::Relu, {q}))}), "y");
  graph::Model model = made(std::move(b));
  apply_everywhere(named("byte-ends"), model);
  graph::remove_dead(model);
  ASSERT_TRUE(graph::validate(model));
  EXPECT_EQ(kinds(model), Kinds{Kind::Relu});
  const graph::Subgraph& graph = model.subgraphs[0];
  const graph::Tensor &in = graph.tensors[static_cast<std::size_t>(graph.inputs[0])],
                      &out = graph.tensors[static_cast<std::size_t>(graph.outputs[0])];
  EXPECT_EQ(in.name, "x");
  EXPECT_EQ(out.name, "y");
  EXPECT_EQ(in.type, ElementType::Int8);
  EXPECT_EQ(out.type, ElementType::Int8);
  ASSERT_TRUE(in.quantization);
  EXPECT_EQ(in.quantization->scales, std::vector<float>{0.5f});
}

TEST(Rewrites, AtTheBeginningAQuantisationGoesFirst) {
  Builder b(Format::TfLite);
  const int x = b.input("x", ElementType::Float32, {1, 3, 4, 4});
  const int turned = b.add(Kind::Transpose, {x}, {{attr::permutation, {0, 2, 3, 1}}});
  b.output(eight_bits(b, b.add(Kind::Quantize, {turned}, {{attr::to, ElementType::Int8}})), "out");
  EXPECT_EQ(after("move-first", made(std::move(b))), (Kinds{Kind::Quantize, Kind::Transpose}));
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

TEST(Rewrites, SoDoesThatOfATransposedConvolution) {
  Builder b(Format::TfLite);
  const int x = eight_bits(b, b.input("x", ElementType::Int8, {1, 4, 4, 2}));
  const int w = b.constant<std::int8_t>("w", {3, 2, 2, 2}, std::vector<std::int8_t>(24, 3));
  b.quantize(w, 0.1f, 0);
  b.output(
      eight_bits(b, b.add(Kind::TransposedConvolution, {x, w}, {{attr::strides, {2, 2}}, {attr::activation, "relu"}})),
      "out");
  EXPECT_EQ(after("pool-activation", made(std::move(b))), (Kinds{Kind::TransposedConvolution, Kind::Relu}));
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
