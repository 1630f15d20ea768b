// Each rewrite of `edgescope fix` on a network that needs it, proven by real runtimes.
#include "e2e/fix.h"

namespace edgescope::testing_support {
namespace {

// One rewrite on what it is for: it is applied and proven, and the target's rules, or its compiler, take the result.
class EachRewrite : public Fix {
 protected:
  void expect(Builder&& builder, const std::string& target, const std::string& id) {
    const bool tflite = target == "edgetpu";
    const std::string from = file(tflite ? "m.tflite" : "m.xml"), to = file(tflite ? "n.tflite" : "n.xml");
    write(std::move(builder), from);
    const Json document = fix(from, target, to);
    EXPECT_EQ(document["verdict"], "compiles") << document.dump(1);
    EXPECT_EQ(document["after"]["not_mapped"], 0) << document.dump(1);
    EXPECT_EQ(document["after"]["misreported"], 0);
    std::set<std::string> ids;
    for (const Json& rewrite : document["rewrites"]) ids.insert(rewrite["id"].get<std::string>());
    EXPECT_TRUE(ids.contains(id)) << document.dump(1);
    if (!tflite && runtime::find("ncs2:virtual")) {
      EXPECT_EQ(document["vendor"]["after"]["verdict"], "compiles") << document["vendor"].dump(1);
      query(to);
    }
  }
  // The real plugin's QueryNetwork knows every operator of the result: HETERO leaves it to the device.
  void query(const std::string& path) {
    const Finished check =
        run(edgescope_program(), {"check", path, "--target", "ncs2", "--oracle", "--format", "json"});
    const Json document = Json::parse(check.out, nullptr, false);
    for (const Json& op : document["operators"]) EXPECT_NE(op.value("query_claims", Json()), Json(false)) << op.dump();
  }
  static int given(Builder& b, Kind kind, const char* source, std::vector<int> inputs, graph::Attributes attributes) {
    const auto dims = b.dims(inputs[0]);
    return b.add_given({.kind = kind, .source_kind = source, .inputs = inputs, .attributes = std::move(attributes)},
                       {{ElementType::Float32, dims}})[0];
  }
  static int eight_bits(Builder& b, int tensor, float scale, std::int64_t zero) {
    b.quantize(tensor, scale, zero);
    return tensor;
  }
};

TEST_F(EachRewrite, BlocksThatHeteroSees) {
  NEEDS("openvino:CPU");
  for (const Kind kind : {Kind::DepthToSpace, Kind::SpaceToDepth})
    for (const char* mode : {"blocks_first", "depth_first"}) {
      Builder b(Format::OpenVinoIr);
      const int x = b.input("x", ElementType::Float32, {1, 8, 4, 6});
      b.output(b.add(Kind::Relu, {b.add(kind, {x}, {{attr::block_size, 2}, {attr::mode, mode}})}), "y");
      SCOPED_TRACE(mode);
      expect(std::move(b), "ncs2", "block-move");
    }
  Builder b(Format::OpenVinoIr);
  const int x = b.input("x", ElementType::Float32, {1, 8, 4, 6});
  const int mixed = given(b, Kind::ShuffleChannels, "opset1:ShuffleChannels", {x},
                          {{"axis", std::int64_t{1}}, {"group", std::int64_t{2}}});
  b.output(b.add(Kind::Relu, {mixed}), "y");
  expect(std::move(b), "ncs2", "block-move");
}

TEST_F(EachRewrite, SumsAndRollsAlongAnAxis) {
  NEEDS("openvino:CPU");
  for (const bool reverse : {false, true}) {
    Builder b(Format::OpenVinoIr);
    const int x = b.input("x", ElementType::Float32, {2, 5});
    const int axis = b.constant<std::int64_t>("axis", {}, {1});
    b.output(given(b, Kind::Cumsum, "opset3:CumSum", {x, axis}, {{"exclusive", false}, {"reverse", reverse}}), "y");
    expect(std::move(b), "ncs2", "axis-steps");
  }
  Builder b(Format::OpenVinoIr);
  const int x = b.input("x", ElementType::Float32, {2, 5});
  const int shift = b.constant<std::int64_t>("shift", {1}, {2}), axis = b.constant<std::int64_t>("axis", {1}, {-1});
  b.output(given(b, Kind::Roll, "opset7:Roll", {x, shift, axis}, {}), "y");
  expect(std::move(b), "ncs2", "axis-steps");
}

// What QueryNetwork misreports, or says wrongly of whole numbers: each is left to the device afterwards.
TEST_F(EachRewrite, WhatHeteroMisplaces) {
  NEEDS("openvino:CPU");
  const auto floats = [](Builder& b, std::vector<std::int64_t> dims) {
    return b.input("x", ElementType::Float32, std::move(dims));
  };
  Builder norm(Format::OpenVinoIr);
  norm.output(norm.add(Kind::ReduceL2, {floats(norm, {1, 8, 4})}, {{attr::axes, {2}}, {attr::keep_dims, false}}), "y");
  expect(std::move(norm), "ncs2", "function");
  Builder soft(Format::OpenVinoIr);
  soft.output(soft.add(Kind::Relu, {soft.add(Kind::LogSoftmax, {floats(soft, {2, 8})}, {{attr::axis, 1}})}), "y");
  expect(std::move(soft), "ncs2", "function");
  Builder line(Format::OpenVinoIr);
  line.output(line.add(Kind::Tanh, {line.add(Kind::HSigmoid, {floats(line, {1, 16})})}), "y");
  expect(std::move(line), "ncs2", "activation");
  Builder whole(Format::OpenVinoIr);
  const int a = whole.input("a", ElementType::Int32, {1, 8}), c = whole.input("b", ElementType::Int32, {1, 8});
  whole.output(whole.add(Kind::Subtract, {a, c}), "y");
  expect(std::move(whole), "ncs2", "difference");
  Builder square(Format::OpenVinoIr);
  const int d = square.input("a", ElementType::Int32, {1, 8}), e = square.input("b", ElementType::Int32, {1, 8});
  square.output(square.add(Kind::SquaredDifference, {d, e}), "y");
  expect(std::move(square), "ncs2", "function");
  Builder product(Format::OpenVinoIr);
  const int left = product.input("a", ElementType::Float32, {2, 3, 4});
  product.output(product.add(Kind::Matmul, {left, product.input("b", ElementType::Float32, {4, 5})}), "y");
  expect(std::move(product), "ncs2", "product-ranks");
  Builder images(Format::OpenVinoIr);
  const int x = floats(images, {1, 4, 5, 6});
  const auto list = [&images](const char* name, std::vector<std::int64_t> values) {
    return images.constant<std::int64_t>(name, {4}, values);
  };
  const int moved = images.add_given(
      {.kind = Kind::SpaceToBatch,
       .source_kind = "opset2:SpaceToBatch",
       .inputs = {x, list("block", {1, 1, 2, 2}), list("begin", {0, 0, 1, 0}), list("end", {0, 0, 0, 0})}},
      {{ElementType::Float32, {4, 4, 3, 3}}})[0];
  images.output(images.add(Kind::Relu, {moved}), "y");
  expect(std::move(images), "ncs2", "block-move");
  Builder turned(Format::OpenVinoIr);
  const int sequence = floats(turned, {2, 5, 3});
  const int lengths = turned.constant<std::int32_t>("lengths", {2}, {4, 4});
  turned.output(given(turned, Kind::ReverseSequence, "opset1:ReverseSequence", {sequence, lengths},
                      {{"batch_axis", std::int64_t{0}}, {"seq_axis", std::int64_t{1}}}),
                "y");
  expect(std::move(turned), "ncs2", "axis-steps");
  Builder powers(Format::OpenVinoIr);
  const int n = powers.input("a", ElementType::Int32, {1, 8});
  powers.output(powers.add(Kind::Relu, {n}), "y");
  expect(std::move(powers), "ncs2", "through-floats");
}

TEST_F(EachRewrite, FunctionsOfTheNcs2) {
  NEEDS("openvino:CPU");
  Builder b(Format::OpenVinoIr);
  const int x = b.input("x", ElementType::Float32, {1, 16});
  const int three = b.constant<float>("three", {1}, {0.3f});
  b.output(b.add(Kind::Modulo, {x, three}), "y");
  expect(std::move(b), "ncs2", "function");
  Builder s(Format::OpenVinoIr);
  const int z = s.input("x", ElementType::Float32, {1, 16});
  s.output(given(s, Kind::Softsign, "opset9:SoftSign", {z}, {}), "y");
  const auto model = std::move(s).finish();
  ASSERT_TRUE(model);
  ASSERT_TRUE(format::openvino::write(*model, file("soft.xml"), 11));
  EXPECT_EQ(fix(file("soft.xml"), "ncs2", file("hard.xml"))["rewrites"][0]["id"], "function");
}

// Those that are bounded: the bound is held by real kernels.
TEST_F(EachRewrite, BoundedOnesOfTheNcs2) {
  NEEDS("openvino:CPU");
  const auto unary = [](Kind kind, std::initializer_list<graph::Named> attributes) {
    Builder b(Format::OpenVinoIr);
    b.output(b.add(kind, {b.input("x", ElementType::Float32, {1, 16})}, attributes), "y");
    return b;
  };
  expect(unary(Kind::HardSigmoid, {{attr::alpha, 0.2}, {attr::beta, 0.5}}), "ncs2", "activation");
  expect(unary(Kind::Selu, {{attr::alpha, 1.67}, {attr::gamma, 1.05}}), "ncs2", "activation");
  expect(unary(Kind::Cosh, {}), "ncs2", "function");
  Builder b(Format::OpenVinoIr);
  const int x = b.input("x", ElementType::Float32, {1, 16}), y = b.input("y", ElementType::Float32, {1, 16});
  b.output(b.add(Kind::Relu, {b.add(Kind::Divide, {x, y})}), "z");
  expect(std::move(b), "ncs2", "quotient");
}

TEST_F(EachRewrite, ActivationsOfTheEdgeTpu) {
  NEEDS("litert");
  for (const Kind kind : {Kind::LeakyRelu, Kind::HardSwish}) {
    Builder b(Format::TfLite);
    const int x = eight_bits(b, b.input("x", ElementType::Int8, {1, 4, 4, 8}), 0.05f, 3);
    const int y = kind == Kind::LeakyRelu ? b.add(kind, {x}, {{attr::alpha, 0.1}}) : b.add(kind, {x});
    b.output(eight_bits(b, y, 0.05f, -20), "y");
    expect(std::move(b), "edgetpu", "bent-line");
  }
}

TEST_F(EachRewrite, AMeanOverOddChannels) {
  NEEDS("litert");
  for (const bool keep : {false, true}) {
    Builder b(Format::TfLite);
    const int x = eight_bits(b, b.input("x", ElementType::Int8, {1, 4, 4, 6}), 0.05f, 3);
    const int y = b.add(Kind::ReduceMean, {x}, {{attr::axes, {3}}, {attr::keep_dims, keep}});
    b.output(eight_bits(b, y, 0.03f, 1), "y");
    expect(std::move(b), "edgetpu", "channel-mean");
  }
}

TEST_F(EachRewrite, WhatIsRefusedGoesBehindWhatMoves) {
  NEEDS("litert");
  Builder b(Format::TfLite);
  const int x = eight_bits(b, b.input("x", ElementType::Int8, {1, 4, 4, 8}), 0.05f, 3);
  int y = b.add(Kind::Dequantize, {eight_bits(b, b.add(Kind::Relu, {x}), 0.05f, 3)});
  y = b.add(Kind::Slice, {y}, {{attr::begin, {0, 0, 0, 0}}, {attr::sizes, {1, 2, 2, 8}}});
  b.output(b.add(Kind::Reshape, {y}, {{attr::shape, {1, 32}}}), "y");
  write(std::move(b), file("m.tflite"));
  const Json document = fix(file("m.tflite"), "edgetpu", file("n.tflite"));
  EXPECT_EQ(document["rewrites"][0]["id"], "move-first") << document.dump(1);
  EXPECT_EQ(document["before"]["not_mapped"], 3);
  EXPECT_EQ(document["after"]["not_mapped"], 1) << "the float result is the host's";
  EXPECT_LT(document["after"]["boundary_bytes"], document["before"]["boundary_bytes"]);
}

TEST_F(EachRewrite, TheLargestIsChosenBeforeItCrosses) {
  NEEDS("litert");
  Builder b(Format::TfLite);
  const int x = eight_bits(b, b.input("x", ElementType::Int8, {1, 4, 4, 8}), 0.05f, 3);
  const int y = b.add(Kind::Dequantize, {eight_bits(b, b.add(Kind::Relu, {x}), 0.05f, 3)});
  b.output(b.add(Kind::ReduceMax, {y}, {{attr::axes, {1, 2}}, {attr::keep_dims, false}}), "y");
  write(std::move(b), file("m.tflite"));
  const Json document = fix(file("m.tflite"), "edgetpu", file("n.tflite"));
  EXPECT_EQ(document["rewrites"][0]["id"], "move-first") << document.dump(1);
  EXPECT_EQ(document["proof"]["different"], 0);
  EXPECT_LT(document["after"]["boundary_bytes"], document["before"]["boundary_bytes"]);
}

TEST_F(EachRewrite, ConstantsBehindALayerBecomeItsOwn) {
  NEEDS("litert");
  for (const Kind kind : {Kind::Add, Kind::Multiply})
    for (const Kind layer : {Kind::Convolution, Kind::DepthwiseConvolution, Kind::FullyConnected}) {
      Builder b(Format::TfLite);
      const bool dense = layer == Kind::FullyConnected, depth = layer == Kind::DepthwiseConvolution;
      const int x = b.input("x", ElementType::Float32,
                            dense ? std::vector<std::int64_t>{1, 4} : std::vector<std::int64_t>{1, 5, 5, 4});
      const std::vector<std::int64_t> dims = dense   ? std::vector<std::int64_t>{4, 4}
                                             : depth ? std::vector<std::int64_t>{1, 3, 3, 4}
                                                     : std::vector<std::int64_t>{4, 3, 3, 4};
      std::vector<float> weights(dense ? 16 : depth ? 36 : 144);
      for (std::size_t i = 0; i < weights.size(); ++i) weights[i] = static_cast<float>(i * 7 % 13) / 13 - 0.4f;
      const int w = b.constant<float>("w", dims, weights);
      const int made =
          dense ? b.add(layer, {x, w})
                : b.add(layer, {x, w}, {{attr::strides, {1, 1}}, {attr::dilations, {1, 1}}, {attr::padding, "same"}});
      const int c = b.constant<float>("c", {4}, {0.5f, -2, 3, 1.25f});
      b.output(b.add(kind, {made, c}, {{attr::activation, "relu"}}), "y");
      write(std::move(b), file("m.tflite"));
      const Json document = fix(file("m.tflite"), "cpu", file("n.tflite"));
      ASSERT_EQ(document["rewrites"].size(), 1u) << document.dump(1);
      EXPECT_EQ(document["rewrites"][0]["id"], "into-layer");
      EXPECT_EQ(document["after"]["operators"], 1);
    }
}

TEST_F(EachRewrite, AStepOfAQuantisedLayerIsItsOwn) {
  NEEDS("litert");
  for (const Kind kind : {Kind::Add, Kind::Multiply}) {
    Builder b(Format::TfLite);
    const int x = eight_bits(b, b.input("x", ElementType::Int8, {1, 4, 4, 8}), 0.01f, 3);
    std::vector<std::int8_t> weights(64);
    for (std::size_t i = 0; i < weights.size(); ++i) weights[i] = static_cast<std::int8_t>(i * 37 % 251 - 125);
    const int w = eight_bits(b, b.constant<std::int8_t>("w", {8, 1, 1, 8}, weights), 0.01f, 0);
    const int bias = b.constant<std::int32_t>("bias", {8}, std::vector<std::int32_t>(8, 100));
    b.quantize(bias, 0.0001f, 0);
    int y = b.add(Kind::Convolution, {x, w, bias},
                  {{attr::strides, {1, 1}}, {attr::dilations, {1, 1}}, {attr::padding, "valid"}});
    y = eight_bits(b, y, 0.1f, 0);  // wide enough for every sum
    const int c = eight_bits(b, b.constant<std::int8_t>("c", {1}, {100}), 0.02f, 0);
    b.output(eight_bits(b, b.add(kind, {y, c}), 0.2f, 5), "y");
    write(std::move(b), file("m.tflite"));
    const Json document = fix(file("m.tflite"), "edgetpu", file("n.tflite"));
    ASSERT_EQ(document["rewrites"].size(), 1u) << document.dump(1);
    EXPECT_EQ(document["rewrites"][0]["id"], "into-layer");
    EXPECT_LE(document["rewrites"][0]["proof"]["max_difference"], 1) << "a step";
    EXPECT_EQ(document["after"]["operators"], 1);
  }
}

}  // namespace
}  // namespace edgescope::testing_support
