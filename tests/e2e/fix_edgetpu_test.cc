// What `edgescope fix` does about operators that the Edge TPU's compiler refuses, on int8 networks that LiteRT runs
// before and after.
#include "e2e/fix.h"
#include "support/reference.h"

namespace edgescope::testing_support {
namespace {

int eight_bits(Builder& b, int tensor, float scale = 0.05f, std::int64_t zero = 3) {
  b.quantize(tensor, scale, zero);
  return tensor;
}

std::vector<std::int8_t> some(std::size_t count) {
  std::vector<std::int8_t> values(count);
  for (std::size_t i = 0; i < count; ++i) values[i] = static_cast<std::int8_t>(i * 37 % 251 - 125);
  return values;
}

class FixEdgeTpu : public Fix {
 protected:
  // The step is applied and proven, and the device takes all of the result but `left` operators.
  Json expect(Builder&& builder, const std::string& id, int left = 0) {
    write(std::move(builder), file("m.tflite"));
    const Finished done =
        run(edgescope_program(),
            {"fix", file("m.tflite"), "--target", "edgetpu", "-o", file("n.tflite"), "--format", "json"},
            {.limit_seconds = 100});
    EXPECT_EQ(done.exit, 0) << done.err << done.out;
    const Json document = Json::parse(done.out, nullptr, false);
    std::set<std::string> ids;
    for (const Json& rewrite : document["rewrites"]) ids.insert(rewrite["id"].get<std::string>());
    EXPECT_TRUE(ids.contains(id)) << document.dump(1);
    EXPECT_EQ(document["after"]["not_mapped"], left) << document.dump(1);
    return document;
  }
  // ... and no value differs.
  void expect_exact(Builder&& builder, const std::string& id, int left = 0) {
    EXPECT_EQ(expect(std::move(builder), id, left)["proof"]["different"], 0) << id;
  }
};

TEST_F(FixEdgeTpu, ScalesByChannelOfAFullyConnectedLayer) {
  NEEDS("litert");
  Builder b(Format::TfLite);
  const int x = eight_bits(b, b.input("x", ElementType::Int8, {1, 8}));
  const int w = b.constant<std::int8_t>("w", {4, 8}, some(32));
  b.quantize(w, {.scales = {0.01f, 0.02f, 0.005f, 0.03f}, .zero_points = {0, 0, 0, 0}, .axis = 0});
  b.output(eight_bits(b, b.add(Kind::FullyConnected, {x, w}), 0.1f, -5), "y");
  const Json document = expect(std::move(b), "batch-to-width");
  EXPECT_EQ(document["before"]["verdict"], "fails") << "the compiler gives up on the whole";
  EXPECT_EQ(document["before"]["rejected"], 1);
  EXPECT_EQ(document["after"]["verdict"], "compiles");
  EXPECT_EQ(document["proof"]["different"], 0);
}

TEST_F(FixEdgeTpu, GroupsOfAConvolution) {
  NEEDS("litert");
  Builder b(Format::TfLite);
  const int x = eight_bits(b, b.input("x", ElementType::Int8, {1, 6, 6, 8}));
  const int w = eight_bits(b, b.constant<std::int8_t>("w", {8, 3, 3, 2}, some(144)), 0.01f, 0);
  const int bias = b.constant<std::int32_t>("bias", {8}, {1, -200, 300, -400, 500, 60, 7, -800});
  b.quantize(bias, 0.0005f, 0);
  const int y = b.add(Kind::Convolution, {x, w, bias},
                      {{attr::strides, {1, 1}}, {attr::dilations, {1, 1}}, {attr::padding, "same"}, {attr::groups, 4}});
  b.output(eight_bits(b, y, 0.1f, -5), "y");
  const Json document = expect(std::move(b), "grouped-convolution");
  EXPECT_EQ(document["before"]["verdict"], "fails");
  EXPECT_EQ(document["proof"]["different"], 0);
}

TEST_F(FixEdgeTpu, MeansThatAreRefused) {
  NEEDS("litert");
  const auto mean = [&](std::vector<std::int64_t> from, std::vector<std::int64_t> dims,
                        std::vector<std::int64_t> axes) {
    SCOPED_TRACE(base::dump(Json(axes)));
    Builder b(Format::TfLite);
    int x = eight_bits(b, b.input("x", ElementType::Int8, from));
    x = eight_bits(b, b.add(Kind::Relu, {x}));
    if (dims != from) x = eight_bits(b, b.add(Kind::Reshape, {x}, {{attr::shape, dims}}));
    x = eight_bits(b, b.add(Kind::ReduceMean, {x}, {{attr::axes, axes}, {attr::keep_dims, false}}), 0.03f, 1);
    b.output(x, "y");
    const Json document = expect(std::move(b), "reduction-parts");
    EXPECT_LE(document["proof"]["max_difference"], 2);
  };
  mean({1, 12, 5, 8}, {3, 4, 5, 8}, {0});
  mean({1, 12, 5, 8}, {3, 4, 5, 8}, {1, 2});
  mean({1, 12, 5, 8}, {3, 4, 5, 8}, {0, 2});
  mean({1, 4, 4, 6}, {1, 4, 4, 6}, {1, 2, 3});
}

TEST_F(FixEdgeTpu, TheLargestOverABatch) {
  NEEDS("litert");
  Builder b(Format::TfLite);
  int x = eight_bits(b, b.input("x", ElementType::Int8, {1, 12, 5, 8}));
  x = eight_bits(b, b.add(Kind::Reshape, {eight_bits(b, b.add(Kind::Relu, {x}))}, {{attr::shape, {3, 4, 5, 8}}}));
  b.output(eight_bits(b, b.add(Kind::ReduceMax, {x}, {{attr::axes, {0}}, {attr::keep_dims, false}})), "y");
  expect_exact(std::move(b), "reduction-parts");
}

// As frameworks write an image that is twice as wide.
TEST_F(FixEdgeTpu, EveryPixelTwiceByAPack) {
  NEEDS("litert");
  Builder b(Format::TfLite);
  const int x = eight_bits(b, b.add(Kind::Relu, {eight_bits(b, b.input("x", ElementType::Int8, {1, 4, 5, 8}))}));
  const int twice = eight_bits(b, b.add(Kind::Pack, {x, x}, {{attr::axis, 3}}));
  const int wide = eight_bits(b, b.add(Kind::Reshape, {twice}, {{attr::shape, {1, 4, 10, 8}}}));
  b.output(eight_bits(b, b.add(Kind::Tanh, {wide}), 1.0f / 128, 0), "y");
  expect_exact(std::move(b), "pack");
}

TEST_F(FixEdgeTpu, PartsOfDifferentSizes) {
  NEEDS("litert");
  Builder b(Format::TfLite);
  const int x = eight_bits(b, b.add(Kind::Relu, {eight_bits(b, b.input("x", ElementType::Int8, {1, 4, 2, 8}))}));
  int i = 0;
  for (const int part : b.add_all(Kind::Unpack, {x}, {{attr::axis, 2}}))
    b.output(eight_bits(b, b.add(Kind::Tanh, {eight_bits(b, part)}), 1.0f / 128, 0), "y" + std::to_string(i++));
  for (const int part : b.add_all(Kind::Split, {x}, {{attr::axis, 3}, {attr::sizes, {3, 5}}}))
    b.output(eight_bits(b, b.add(Kind::Tanh, {eight_bits(b, part)}), 1.0f / 128, 0), "y" + std::to_string(i++));
  expect_exact(std::move(b), "unpack");
}

// The device could take the enlarging and all behind it; five times as many bytes would cross for it.
TEST_F(FixEdgeTpu, WhatIsDearerIsLeftOutWithTheFigures) {
  EDGESCOPE_MODEL_OR_SKIP(model, "cpu/deeplabv3_mnv2_dm05_pascal_quant.tflite");
  NEEDS("litert");
  const Json document = fix(model.string(), "edgetpu", file("n.tflite"));
  EXPECT_TRUE(document["rewrites"].empty());
  ASSERT_EQ(document["left_out"].size(), 1u) << document["left_out"].dump(1);
  EXPECT_EQ(document["left_out"][0]["id"], "resize-steps");
  EXPECT_THAT(document["left_out"][0]["reason"].get<std::string>(), HasSubstr("--only resize-steps"));
}

// As the first layer of YOLOv5 does: every other row and column.
TEST_F(FixEdgeTpu, EveryOtherPixel) {
  NEEDS("litert");
  for (const std::int64_t from : {0, 1}) {
    Builder b(Format::TfLite);
    const int x = eight_bits(b, b.input("x", ElementType::Int8, {1, 8, 6, 4}));
    const int y = eight_bits(
        b, b.add(Kind::StridedSlice, {x},
                 {{attr::begin, {0, from, 1 - from, 0}}, {attr::end, {1, 8, 6, 4}}, {attr::strides, {1, 2, 2, 1}}}));
    b.output(eight_bits(b, b.add(Kind::Tanh, {y}), 1.0f / 128, 0), "y");
    expect_exact(std::move(b), "slice");
  }
}

TEST_F(FixEdgeTpu, PlacesThatAreKnown) {
  NEEDS("litert");
  for (const auto& [axis, places] : {std::pair(1, std::vector<std::int32_t>{3, 1, 2}),
                                     std::pair(3, std::vector<std::int32_t>{7, 5, 3, 1, 0, 2, 4, 6, 7, 0})}) {
    Builder b(Format::TfLite);
    const int x = eight_bits(b, b.add(Kind::Relu, {eight_bits(b, b.input("x", ElementType::Int8, {1, 4, 5, 8}))}));
    const int at = b.constant<std::int32_t>("places", {static_cast<std::int64_t>(places.size())}, places);
    const int y = eight_bits(b, b.add(Kind::Gather, {x, at}, {{attr::axis, axis}}));
    b.output(eight_bits(b, b.add(Kind::Tanh, {y}), 1.0f / 128, 0), "y");
    expect_exact(std::move(b), "constant-gather");
  }
}

TEST_F(FixEdgeTpu, CopiesAndOnePixelEnlarged) {
  NEEDS("litert");
  Builder b(Format::TfLite);
  int x = eight_bits(b, b.add(Kind::Relu, {eight_bits(b, b.input("x", ElementType::Int8, {1, 1, 1, 8}))}));
  b.output(eight_bits(b, b.add(Kind::Tanh, {eight_bits(b, b.add(Kind::Tile, {x}, {{attr::repeats, {1, 3, 2, 1}}}))}),
                      1.0f / 128, 0),
           "y");
  expect_exact(std::move(b), "copies");
  Builder r(Format::TfLite);
  x = eight_bits(r, r.add(Kind::Relu, {eight_bits(r, r.input("x", ElementType::Int8, {1, 1, 1, 8}))}));
  x = eight_bits(r, r.add(Kind::ResizeBilinear, {x}, {{attr::sizes, {33, 33}}}));
  r.output(eight_bits(r, r.add(Kind::Tanh, {x}), 1.0f / 128, 0), "y");
  expect_exact(std::move(r), "resize-steps");
}

TEST_F(FixEdgeTpu, FunctionsOfBytes) {
  NEEDS("litert");
  for (const Kind kind : {Kind::Abs, Kind::Exp}) {
    Builder b(Format::TfLite);
    const int x = eight_bits(b, b.input("x", ElementType::Int8, {1, 4, 4, 8}), 0.02f);
    b.output(eight_bits(b, b.add(kind, {x}), 0.05f, -128), "y");
    SCOPED_TRACE(graph::kind_name(kind));
    // The float function is the CPU's.
    EXPECT_LE(expect(std::move(b), "byte-function", kind == Kind::Exp ? 3 : 0)["proof"]["max_difference"], 1);
  }
}

// Another function, near it: never unasked.
TEST_F(FixEdgeTpu, GeluOnlyWhereItIsAskedFor) {
  NEEDS("litert");
  Builder b(Format::TfLite);
  const int x = eight_bits(b, b.input("x", ElementType::Int8, {1, 4, 4, 8}));
  b.output(eight_bits(b, b.add(Kind::Gelu, {x})), "y");
  write(std::move(b), file("m.tflite"));
  const auto with = [&](std::vector<std::string> more) {
    more.insert(more.begin(),
                {"fix", file("m.tflite"), "--target", "edgetpu", "-o", file("n.tflite"), "--format", "json"});
    return Json::parse(run(edgescope_program(), more, {.limit_seconds = 100}).out, nullptr, false);
  };
  EXPECT_TRUE(with({})["rewrites"].empty());
  const Json document = with({"--only", "gelu"});
  ASSERT_EQ(document["rewrites"].size(), 1u) << document.dump(1);
  EXPECT_EQ(document["rewrites"][0]["equivalence"], "approximate");
  EXPECT_EQ(document["after"]["not_mapped"], 0) << document.dump(1);
  EXPECT_GT(document["proof"]["different"], 0) << "it is not the same function";
  EXPECT_LE(document["proof"]["max_difference"], 2) << "in steps of 0.05, where the functions are up to 0.0204 apart";
}

// What is refused in the middle goes to an end: a comparison with one number behind the slice that follows it.
TEST_F(FixEdgeTpu, AComparisonWithANumberGoesLast) {
  NEEDS("litert");
  Builder b(Format::TfLite);
  const int x = eight_bits(b, b.input("x", ElementType::Int8, {1, 4, 4, 8}));
  const int bent = eight_bits(b, b.add(Kind::Relu, {x}));
  const int number = eight_bits(b, b.constant<std::int8_t>("n", {1}, {40}));
  int y = b.add(Kind::Greater, {bent, number});
  y = b.add(Kind::Slice, {y}, {{attr::begin, {0, 0, 0, 0}}, {attr::sizes, {1, 2, 2, 8}}});
  b.output(b.add(Kind::Reshape, {y}, {{attr::shape, {1, 32}}}), "y");
  expect_exact(std::move(b), "move-first", 1);
}

TEST_F(FixEdgeTpu, AtTheBeginningAQuantisationGoesFirst) {
  NEEDS("litert");
  Builder b(Format::TfLite);
  const int x = b.input("x", ElementType::Float32, {1, 8, 4, 4});
  const int turned = b.add(Kind::Transpose, {x}, {{attr::permutation, {0, 2, 3, 1}}});
  const int q = eight_bits(b, b.add(Kind::Quantize, {turned}, {{attr::to, ElementType::Int8}}));
  b.output(eight_bits(b, b.add(Kind::Relu, {q})), "y");
  expect_exact(std::move(b), "move-first", 1);
}

// A layer as large as the chip's memory: a constant behind it would be streamed, and is part of its bias instead.
TEST_F(FixEdgeTpu, ASmallConstantIsStreamedNoMore) {
  NEEDS("litert");
  constexpr std::int64_t kSize = 2900;
  Builder b(Format::TfLite);
  const int x = eight_bits(b, b.input("x", ElementType::Int8, {1, kSize}));
  const int w = eight_bits(b, b.constant<std::int8_t>("w", {kSize, kSize}, some(kSize * kSize)), 0.01f, 0);
  const int y = eight_bits(b, b.add(Kind::FullyConnected, {x, w}), 20, 0);
  const int c = eight_bits(b, b.constant<std::int8_t>("c", {kSize}, some(kSize)), 5, 0);
  b.output(eight_bits(b, b.add(Kind::Add, {y, c}), 25, 0), "y");
  const Json document = expect(std::move(b), "into-layer");
  EXPECT_GT(document["before"]["streamed_bytes"], document["after"]["streamed_bytes"]) << document.dump(1);
  const Finished text =
      run(edgescope_program(), {"fix", file("m.tflite"), "--target", "edgetpu", "-o", file("n.tflite")},
          {.limit_seconds = 100});
  EXPECT_THAT(text.out, HasSubstr("fewer that stream ("));
}

TEST_F(FixEdgeTpu, BytesAtTheEndsOnlyWhereTheyAreAskedFor) {
  NEEDS("litert");
  Builder b(Format::TfLite);
  const int x = b.input("x", ElementType::Float32, {1, 4, 4, 8});
  int y = eight_bits(b, b.add(Kind::Quantize, {x}, {{attr::to, ElementType::Int8}}));
  y = eight_bits(b, b.add(Kind::Logistic, {y}), 1.0f / 256, -128);
  b.output(b.add(Kind::Dequantize, {y}), "y");
  write(std::move(b), file("floats.tflite"));
  EXPECT_TRUE(fix(file("floats.tflite"), "edgetpu", file("same.tflite"))["rewrites"].empty()) << "another interface";
  const Finished done = run(edgescope_program(), {"fix", file("floats.tflite"), "--target", "edgetpu", "--only",
                                                  "byte-ends", "-o", file("bytes.tflite"), "--format", "json"});
  ASSERT_EQ(done.exit, 0) << done.err;
  const Json document = Json::parse(done.out, nullptr, false);
  ASSERT_EQ(document["rewrites"].size(), 1u) << document.dump(1);
  EXPECT_EQ(document["rewrites"][0]["equivalence"], "approximate");
  EXPECT_EQ(document["rewrites"][0]["proof"]["different"], 0);
  EXPECT_EQ(document["before"]["not_mapped"], 2);
  EXPECT_EQ(document["after"]["not_mapped"], 0);
  const auto model = format::read_model(file("bytes.tflite"));
  ASSERT_TRUE(model) << model.error().message();
  const graph::Subgraph& graph = model->subgraphs[0];
  EXPECT_EQ(graph.operators.size(), 1u);
  for (const auto& end : {graph.inputs[0], graph.outputs[0]})
    EXPECT_EQ(graph.tensors[static_cast<std::size_t>(end)].type, ElementType::Int8);
}

}  // namespace
}  // namespace edgescope::testing_support
