// `edgescope fix` as its users run it: real runtimes prove each step, the NCS2's real plugin compiles the result.
#include "e2e/fix.h"

namespace edgescope::testing_support {
namespace {

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
