// `edgescope fix` as its users run it: real runtimes prove each step, the NCS2's real plugin compiles the result.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "base/json.h"
#include "base/npy.h"
#include "format/format.h"
#include "format/onnx/writer.h"
#include "format/openvino/writer.h"
#include "format/tflite/writer.h"
#include "graph/builder.h"
#include "rewrite/quantize.h"
#include "runtime/catalog.h"
#include "support/run.h"
#include "support/scratch.h"

namespace edgescope::testing_support {
namespace {

namespace attr = graph::attr;
using base::Json;
using graph::Builder;
using graph::ElementType;
using graph::Format;
using graph::Kind;
using ::testing::HasSubstr;
using ::testing::Not;

class Fix : public ::testing::Test {
 protected:
  std::string file(const std::string& name) { return (scratch_ / name).string(); }

  void write(Builder&& builder, const std::string& path, int ir_version = 10) {
    const auto model = std::move(builder).finish();
    ASSERT_TRUE(model) << model.error().message();
    const auto written = model->format == Format::TfLite ? format::tflite::write(*model, path)
                         : model->format == Format::Onnx ? format::onnx::write(*model, path)
                                                         : format::openvino::write(*model, path, ir_version);
    ASSERT_TRUE(written) << written.error().message();
  }
  // The notebook's network: LessEqual whose result is computed with.
  std::string notebook() {
    Builder b(Format::OpenVinoIr);
    const int x = b.input("x", ElementType::Float32, {1, 8}), t = b.input("t", ElementType::Float32, {1, 8});
    b.output(b.add(Kind::Cast, {b.add(Kind::LessEqual, {x, t}, {}, "node")}, {{attr::to, ElementType::Float32}}), "y");
    write(std::move(b), file("notebook.xml"));
    return file("notebook.xml");
  }
  Json fix(const std::string& model, const std::string& target, const std::string& output, int exit = 0) {
    const Finished done = run(edgescope_program(), {"fix", model, "--target", target, "-o", output, "--format", "json"},
                              {.limit_seconds = 100});
    EXPECT_EQ(done.exit, exit) << done.err << done.out;
    return Json::parse(done.out, nullptr, false);
  }

  // `compare`, on inputs of its own, must find no other bit.
  void expect_same(const std::string& before, const std::string& after, const std::string& on) {
    const Finished done =
        run(edgescope_program(), {"compare", before, after, "--on", on, "--rows", "64", "--format", "json"});
    EXPECT_EQ(done.exit, 0) << done.err << done.out;
    const Json document = Json::parse(done.out, nullptr, false);
    EXPECT_EQ(document["runs"][0]["same_bits"], true) << document;
  }

  Scratch scratch_;
};

#define NEEDS(name) \
  if (!runtime::find(name)) GTEST_SKIP() << "no " << name << ": " << runtime::find(name).error().message()

TEST_F(Fix, TheNotebooksLessEqualCompilesAfterwards) {
  NEEDS("openvino:CPU");
  const Json document = fix(notebook(), "ncs2", file("fixed.xml"));
  EXPECT_EQ(document["verdict"], "compiles");
  EXPECT_EQ(document["before"]["verdict"], "fails");
  ASSERT_EQ(document["rewrites"].size(), 1u);
  const Json& rewrite = document["rewrites"][0];
  EXPECT_EQ(rewrite["id"], "comparison");
  EXPECT_EQ(rewrite["where"], Json::array({"node"}));
  EXPECT_EQ(rewrite["equivalence"], "exact");
  EXPECT_EQ(rewrite["proof"]["different"], 0) << "NaN and infinities included";
  EXPECT_EQ(rewrite["proof"]["values"], 64 * 8);
  EXPECT_TRUE(std::filesystem::exists(file("fixed.bin")));
  expect_same(file("notebook.xml"), file("fixed.xml"), "openvino:CPU");
  NEEDS("ncs2:virtual");
  EXPECT_EQ(document["vendor"]["before"]["verdict"], "fails");
  EXPECT_EQ(document["vendor"]["after"]["verdict"], "compiles");
  const Finished check = run(edgescope_program(), {"check", file("fixed.xml"), "--target", "ncs2", "--oracle"});
  EXPECT_EQ(check.exit, 0) << check.out << check.err;
}

// Layout sandwich, a value dequantised and quantised again, and rows that break the device's part in two.
TEST_F(Fix, ABrokenTfLiteNetworkBecomesWhole) {
  NEEDS("litert");
  Builder b(Format::TfLite);
  const auto quantized = [&b](int tensor, float scale, std::int64_t zero) {
    b.quantize(tensor, scale, zero);
    return tensor;
  };
  int x = quantized(b.input("x", ElementType::Int8, {1, 4, 4, 8}), 0.05f, 3);
  x = quantized(b.add(Kind::Transpose, {x}, {{attr::permutation, {0, 3, 1, 2}}}), 0.05f, 3);
  x = quantized(b.add(Kind::Relu, {x}), 0.05f, 3);
  x = quantized(b.add(Kind::Transpose, {x}, {{attr::permutation, {0, 2, 3, 1}}}), 0.05f, 3);
  x = b.add(Kind::Dequantize, {x});
  x = quantized(b.add(Kind::Quantize, {x}, {{attr::to, ElementType::Int8}}), 0.05f, 3);
  x = quantized(b.add(Kind::Reshape, {x}, {{attr::shape, {16, 8}}}), 0.05f, 3);
  std::vector<std::int8_t> weights(48);
  for (std::size_t i = 0; i < weights.size(); ++i) weights[i] = static_cast<std::int8_t>((i * 37) % 251 - 125);
  const int w = quantized(b.constant<std::int8_t>("w", {6, 8}, weights), 0.01f, 0);
  x = quantized(b.add(Kind::FullyConnected, {x, w}), 0.1f, -5);
  b.output(x, "y");
  write(std::move(b), file("broken.tflite"));

  const Json document = fix(file("broken.tflite"), "edgetpu", file("whole.tflite"));
  std::set<std::string> ids;
  for (const Json& rewrite : document["rewrites"]) {
    ids.insert(rewrite["id"].get<std::string>());
    EXPECT_EQ(rewrite["proof"]["different"], 0) << rewrite["id"];
  }
  EXPECT_EQ(ids, (std::set<std::string>{"pair", "sandwich", "batch-to-width"})) << document.dump(1);
  EXPECT_EQ(document["after"]["not_mapped"], 0);
  EXPECT_GT(document["before"]["not_mapped"], 0);
  EXPECT_LT(document["after"]["transitions"], document["before"]["transitions"]);
  EXPECT_EQ(document["proof"]["different"], 0);
  expect_same(file("broken.tflite"), file("whole.tflite"), "litert");
  const Finished check = run(edgescope_program(), {"check", file("whole.tflite"), "--target", "edgetpu"});
  EXPECT_EQ(check.exit, 0) << check.out;
}

// Of operator set 18, which the plugin's importer does not read; and it takes LessOrEqual apart into what it then
// cannot connect. Both ways out are compiled by the plugin.
TEST_F(Fix, AnOnnxNetworkCompilesAsIrAndAsOnnx) {
  NEEDS("openvino:CPU");
  Builder b(Format::Onnx);
  const int x = b.input("x", ElementType::Float32, {1, 8}), t = b.input("t", ElementType::Float32, {1, 8});
  const int below = b.add(Kind::LessEqual, {x, t}, {}, "node");
  b.output(b.add(Kind::Cast, {below}, {{attr::to, ElementType::Float32}}), "y");
  write(std::move(b), file("new.onnx"));
  for (const char* name : {"fixed.xml", "fixed.onnx"}) {
    const Json document = fix(file("new.onnx"), "ncs2", file(name));
    EXPECT_EQ(document["verdict"], "compiles") << name;
    ASSERT_TRUE(document["conversion"].is_object()) << name;
    EXPECT_EQ(document["conversion"]["from"]["format"], "onnx");
    EXPECT_TRUE(document["conversion"]["failure"].is_null());
    EXPECT_GT(document["conversion"]["proof"]["values"], 0);
    ASSERT_EQ(document["rewrites"].size(), 1u) << name;
    EXPECT_EQ(document["rewrites"][0]["id"], "comparison");
    EXPECT_EQ(document["proof"]["different"], 0);
    const auto written = format::read_model(file(name));
    ASSERT_TRUE(written) << written.error().message();
    const bool ir = written->format == Format::OpenVinoIr;
    EXPECT_LE(ir ? written->format_version : written->opsets.at(0).version, ir ? 10 : 13);
    if (!runtime::find("ncs2:virtual")) continue;
    EXPECT_EQ(document["vendor"]["after"]["verdict"], "compiles") << name << document["vendor"].dump(1);
  }
}

TEST_F(Fix, AFloatTfLiteNetworkBecomesIr) {
  NEEDS("openvino:CPU");
  Builder b(Format::TfLite);
  int x = b.input("x", ElementType::Float32, {1, 6, 6, 3});
  std::vector<float> weights(4 * 3 * 3 * 3);
  for (std::size_t i = 0; i < weights.size(); ++i) weights[i] = static_cast<float>(i % 17) / 16.0f - 0.5f;
  x = b.add(Kind::Convolution, {x, b.constant<float>("w", {4, 3, 3, 3}, weights)},
            {{attr::strides, {1, 1}}, {attr::dilations, {1, 1}}, {attr::padding, "same"}, {attr::activation, "relu"}});
  b.output(b.add(Kind::Abs, {x}), "y");
  write(std::move(b), file("conv.tflite"));
  const Json document = fix(file("conv.tflite"), "ncs2", file("fixed.xml"));
  EXPECT_EQ(document["conversion"]["from"]["format"], "tflite");
  EXPECT_EQ(document["verdict"], "compiles") << document.dump(1);
  NEEDS("ncs2:virtual");
  EXPECT_EQ(document["vendor"]["after"]["verdict"], "compiles");
}

TEST_F(Fix, WhatCannotBeConvertedIsNamedAndNotWritten) {
  NEEDS("openvino:CPU");
  Builder b(Format::OpenVinoIr);
  const int x = b.input("x", ElementType::Float32, {1, 8});
  b.output(b.add(Kind::Erf, {x}), "y");
  write(std::move(b), file("erf.xml"));
  const Json document = fix(file("erf.xml"), "edgetpu", file("erf.tflite"), 1);
  EXPECT_EQ(document["verdict"], "fails");
  ASSERT_EQ(document["conversion"]["refused"].size(), 1u);
  EXPECT_EQ(document["conversion"]["refused"][0]["name"], "y");
  EXPECT_TRUE(document["output"].is_null());
  EXPECT_FALSE(std::filesystem::exists(file("erf.tflite")));
  EXPECT_EQ(run(edgescope_program(), {"fix", file("erf.xml"), "--target", "edgetpu", "-o", file("erf.xml")}).exit, 2)
      << "the Edge TPU's compiler reads no IR";
  const Finished quantised =
      run(edgescope_program(),
          {"fix", EDGESCOPE_SOURCE_DIR "/examples/digits/digits_int8.tflite", "--target", "ncs2", "-o", file("q.xml")});
  EXPECT_EQ(quantised.exit, 3) << quantised.err;
  EXPECT_THAT(quantised.err, HasSubstr("quantised"));
}

TEST_F(Fix, AnIrOfTodayIsWrittenForThePluginOf2021) {
  NEEDS("openvino:CPU");
  Builder b(Format::OpenVinoIr);
  const int x = b.input("x", ElementType::Float32, {1, 8});
  b.output(b.add(Kind::Abs, {b.add(Kind::Softplus, {x})}), "y");
  write(std::move(b), file("new.xml"), 11);
  const Json document = fix(file("new.xml"), "ncs2", file("old.xml"));
  EXPECT_EQ(document["conversion"]["to"]["ir_version"], 10);
  EXPECT_EQ(document["verdict"], "compiles");
  const auto written = format::read_model(file("old.xml"));
  ASSERT_TRUE(written) << written.error().message();
  EXPECT_EQ(written->format_version, 10);
}

TEST_F(Fix, WhatNeedsNothingIsWrittenAsItWas) {
  NEEDS("litert");
  const Json document = fix(EDGESCOPE_SOURCE_DIR "/examples/digits/digits_int8.tflite", "edgetpu", file("same.tflite"));
  EXPECT_TRUE(document["rewrites"].empty());
  EXPECT_TRUE(document["proof"].is_null());
}

TEST_F(Fix, WhatCannotBeHelpedFailsAndSaysSo) {
  NEEDS("openvino:CPU");
  Builder b(Format::OpenVinoIr);
  b.output(b.add(Kind::Sin, {b.input("x", ElementType::Float32, {1, 8})}), "y");
  write(std::move(b), file("sin.xml"));
  const Json document = fix(file("sin.xml"), "ncs2", file("fixed.xml"), 1);
  EXPECT_EQ(document["verdict"], "fails");
}

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

// The digits' test images as the network takes them: from 0 to 1.
class Quantize : public Fix {
 protected:
  void SetUp() override {
    const auto python = rewrite::find_quantizer({});
    if (!python) GTEST_SKIP() << python.error().message();
    const auto images = base::read_npy(digits("test_images.npy"));
    ASSERT_TRUE(images);
    std::string header = "{'descr': '<f4', 'fortran_order': False, 'shape': (450, 8, 8, 1), }";
    header.resize(117, ' ');
    header += '\n';
    std::ofstream out(rows_, std::ios::binary);
    out << std::string_view("\x93NUMPY\x01\x00\x76\x00", 10) << header;
    for (const double value : images->values) {
      const float scaled = static_cast<float>(value / 16);
      out.write(reinterpret_cast<const char*>(&scaled), sizeof scaled);
    }
  }
  static std::string digits(const std::string& name) { return EDGESCOPE_SOURCE_DIR "/examples/digits/" + name; }
  Json quantize(const std::string& model, const std::string& target, const std::string& output,
                std::vector<std::string> more = {}) {
    std::vector<std::string> arguments = {"fix",  model,        "--target", target,     "-o",
                                          output, "--quantize", rows_,      "--format", "json"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    const Finished done = run(edgescope_program(), arguments, {.limit_seconds = 110});
    EXPECT_EQ(done.exit, 0) << done.err << done.out;
    return Json::parse(done.out, nullptr, false);
  }
  std::string rows_ = file("rows.npy");
};

TEST_F(Quantize, AFloatNetworkBecomesInt8ForTheEdgeTpu) {
  NEEDS("litert");
  const Json document =
      quantize(digits("digits_float.tflite"), "edgetpu", file("int8.tflite"), {"--measure", "--time-limit", "1"});
  EXPECT_EQ(document["before"]["verdict"], "fails");
  EXPECT_EQ(document["verdict"], "compiles");
  const Json& quantization = document["quantization"];
  EXPECT_EQ(quantization["by"], "ai-edge-quantizer");
  EXPECT_EQ(quantization["rows"], 450);
  ASSERT_EQ(quantization["outputs"].size(), 1u);
  EXPECT_GT(quantization["outputs"][0]["top1"], 0.98) << "of a network that is right for 98.7 %";
  EXPECT_GT(quantization["outputs"][0]["signal_to_noise_db"], 20);
  EXPECT_GT(quantization["outputs"][0]["max_difference"], 0) << "int8 is never the same";
  EXPECT_GT(document["measured"]["before"]["median_us"], 0);
  EXPECT_GT(document["measured"]["after"]["median_us"], 0);
  EXPECT_GT(document["measured"]["ratio"], 0);
  const Finished check = run(edgescope_program(), {"check", file("int8.tflite"), "--target", "edgetpu"});
  EXPECT_EQ(check.exit, 0) << check.out;
}

TEST_F(Quantize, AnOnnxNetworkIsConvertedBefore) {
  NEEDS("litert");
  NEEDS("openvino:CPU");
  const Json document = quantize(digits("digits.onnx"), "edgetpu", file("int8.tflite"));
  EXPECT_EQ(document["verdict"], "compiles");
  EXPECT_EQ(document["conversion"]["from"]["format"], "onnx");
  EXPECT_LE(document["conversion"]["proof"]["max_relative"], document["conversion"]["tolerance"]);
  EXPECT_GT(document["quantization"]["outputs"][0]["top1"], 0.98);
}

TEST_F(Quantize, AnIrForTheCpu) {
  NEEDS("openvino:CPU");
  const Json document = quantize(digits("digits.xml"), "cpu", file("int8.xml"));
  EXPECT_EQ(document["quantization"]["by"], "NNCF");
  EXPECT_GT(document["quantization"]["outputs"][0]["top1"], 0.98);
}

TEST_F(Quantize, WhatCannotBeDoneIsOneError) {
  NEEDS("litert");
  const auto refused = [this](const std::string& model, const std::string& rows, int exit, const char* why) {
    const Finished done =
        run(edgescope_program(), {"fix", model, "--target", "edgetpu", "-o", file("no.tflite"), "--quantize", rows});
    EXPECT_EQ(done.exit, exit) << done.err;
    EXPECT_THAT(done.err, HasSubstr(why));
    EXPECT_THAT(done.err, Not(HasSubstr("Traceback")));
    EXPECT_FALSE(std::filesystem::exists(file("no.tflite")));
  };
  refused(digits("digits_int8.tflite"), rows_, 3, "quantised already");
  refused(digits("digits_float.tflite"), digits("train.py"), 3, "no .npy file");
  refused(digits("digits_float.tflite"), rows_ + "," + rows_, 3, "1 inputs, and 2 files");
  EXPECT_EQ(
      run(edgescope_program(), {"fix", notebook(), "--target", "ncs2", "-o", file("no.xml"), "--quantize", rows_}).exit,
      2)
      << "the NCS2's plugin refuses quantised networks";
}

TEST_F(Fix, WithoutTheEnvironmentNothingIsQuantised) {
  const Finished done = run(edgescope_program(),
                            {"fix", EDGESCOPE_SOURCE_DIR "/examples/digits/digits_float.tflite", "--target", "edgetpu",
                             "-o", file("no.tflite"), "--quantize", "rows.npy"},
                            {.environment = {{"EDGESCOPE_QUANTIZE_PYTHON", "/nowhere/python"}}});
  EXPECT_EQ(done.exit, 4);
  EXPECT_THAT(done.err, HasSubstr("scripts/setup.sh venv quantize"));
}

TEST_F(Fix, Catalogue) {
  const Finished done = run(edgescope_program(), {"fix", "--list", "--format", "json"});
  ASSERT_EQ(done.exit, 0) << done.err;
  EXPECT_GT(Json::parse(done.out, nullptr, false)["catalogue"].size(), 10u);
}

TEST_F(Fix, ExitCodes) {
  EXPECT_EQ(run(edgescope_program(), {"fix", notebook(), "--target", "ncs2"}).exit, 2) << "no -o";
  const Finished unknown =
      run(edgescope_program(), {"fix", notebook(), "--target", "ncs2", "-o", file("o.xml"), "--only", "magic"});
  EXPECT_EQ(unknown.exit, 2);
  EXPECT_THAT(unknown.err, HasSubstr("--list"));
  EXPECT_EQ(run(edgescope_program(), {"fix", file("absent.xml"), "--target", "ncs2", "-o", file("o.xml")}).exit, 3);
  const Finished unproven =
      run(edgescope_program(), {"fix", notebook(), "--target", "ncs2", "-o", file("o.xml"), "--runtimes", file("none")},
          {.environment = {{"EDGESCOPE_OPENVINO", ""}}});
  EXPECT_EQ(unproven.exit, 4) << unproven.err << unproven.out;
  EXPECT_FALSE(std::filesystem::exists(file("o.xml"))) << "nothing is written that is not proven";
}

}  // namespace
}  // namespace edgescope::testing_support
