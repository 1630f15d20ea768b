#include "analysis/network_parity.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "analysis/divergence.h"
#include "format/format.h"
#include "graph/builder.h"
#include "support/reference.h"
#include "support/scratch.h"

namespace edgescope::analysis {
namespace {

using base::Json;
using graph::Builder;
using graph::ElementType;
using graph::Format;
using graph::Kind;
using ::testing::HasSubstr;
using testing_support::Scratch;

constexpr const char* kWorker = EDGESCOPE_BINARY_DIR "/edgescope-worker";

// A dozen dense layers with a branch; the weight of one can be made another.
graph::Model chain(Format format, int changed, float by) {
  Builder b(format);
  int x = b.input("x", ElementType::Float32, {1, 8});
  int aside = x;
  for (int layer = 0; layer < 12; ++layer) {
    std::vector<float> weights(64);
    for (int i = 0; i < 64; ++i)
      weights[static_cast<std::size_t>(i)] = static_cast<float>((i * 7 + layer * 3) % 11 - 5) / 16;
    if (layer == changed) weights[9] += by;
    const std::string name = "layer" + std::to_string(layer);
    x = b.add(Kind::FullyConnected, {x, b.constant<float>(name + "/weights", {8, 8}, weights)},
              {{"activation", "relu"}}, name);
    if (layer == 2) aside = b.add(Kind::Abs, {x}, {}, "aside");
  }
  b.output(b.add(Kind::Add, {x, aside}, {}, "sum"), "y");
  auto model = std::move(b).finish();
  EXPECT_TRUE(model) << (model ? "" : model.error().message());
  return *std::move(model);
}

std::string written(const graph::Model& model, const std::string& path) {
  const auto status = format::write_model(model, path);
  EXPECT_TRUE(status) << status.error().message();
  return path;
}

Json compared(NetworkParityRequest request, const std::vector<std::string>& on) {
  request.names = on;
  for (const std::string& name : on) request.runtimes.push_back(runtime::find(name));
  request.worker = kWorker;
  const auto json = network_parity(request);
  EXPECT_TRUE(json) << json.error().message();
  return json.value_or(Json());
}

#define SKIP_WITHOUT(name) \
  if (!runtime::find(name)) GTEST_SKIP() << name << " is missing: run `make setup`"

TEST(NetworkParity, APairThatDiffersInOneWeightPartsAtItsLayer) {
  SKIP_WITHOUT("litert");
  const Scratch folder;
  for (const int layer : {0, 1, 5, 11}) {
    const std::string a = written(chain(Format::TfLite, -1, 0), folder / "a.tflite"),
                      b = written(chain(Format::TfLite, layer, 0.25f), folder / "b.tflite");
    const graph::Model model = *format::read_model(a), other = *format::read_model(b);
    const Json json =
        compared({.file = a, .model = model, .other_file = b, .other = &other, .layers = true}, {"litert"});
    ASSERT_EQ(json["runs"].size(), 1u);
    const Json& run = json["runs"][0];
    ASSERT_EQ(run["valid"], true) << run;
    EXPECT_EQ(run["equal"], false);
    const Json& first = run["first_difference"];
    ASSERT_EQ(first["found"], true) << run;
    EXPECT_EQ(first["operator"]["tensor"], "layer" + std::to_string(layer)) << first;
    EXPECT_EQ(first["operator"]["kind"], "fully_connected");
    EXPECT_EQ(first["operators"], 1);
    EXPECT_LE(first["runs"], 7) << "bisection of 14 operators";
    EXPECT_EQ(run["cause"]["id"], "other-constant") << run["cause"];
    EXPECT_THAT(run["cause"]["text"].get<std::string>(), HasSubstr("layer" + std::to_string(layer) + "/weights"));
  }
}

TEST(NetworkParity, AModelIsItselfBitForBit) {
  SKIP_WITHOUT("litert");
  const Scratch folder;
  const std::string a = written(chain(Format::TfLite, -1, 0), folder / "a.tflite"),
                    b = written(chain(Format::TfLite, -1, 0), folder / "b.tflite");
  const graph::Model model = *format::read_model(a), other = *format::read_model(b);
  const Json json = compared({.file = a, .model = model, .other_file = b, .other = &other, .layers = true}, {"litert"});
  const Json& run = json["runs"][0];
  EXPECT_EQ(run["equal"], true) << run;
  EXPECT_EQ(run["same_bits"], true);
  EXPECT_TRUE(run["first_difference"].is_null());
  EXPECT_TRUE(run["cause"].is_null());
}

TEST(NetworkParity, ATinyWeightIsWithinAToleranceAndNotExact) {
  SKIP_WITHOUT("litert");
  const Scratch folder;
  const std::string a = written(chain(Format::TfLite, -1, 0), folder / "a.tflite"),
                    b = written(chain(Format::TfLite, 11, 1e-6f), folder / "b.tflite");
  const graph::Model model = *format::read_model(a), other = *format::read_model(b);
  const NetworkParityRequest request{.file = a, .model = model, .other_file = b, .other = &other};
  EXPECT_EQ(compared(request, {"litert"})["runs"][0]["equal"], false);
  NetworkParityRequest loose = request;
  loose.tolerance = Tolerance{.steps = 0, .share = 0.01};
  const Json run = compared(loose, {"litert"})["runs"][0];
  EXPECT_EQ(run["equal"], true) << run;
  EXPECT_EQ(run["same_bits"], false);
}

TEST(NetworkParity, IrAndOnnxAreCutToo) {
  SKIP_WITHOUT("openvino:CPU");
  const Scratch folder;
  for (const auto& [format, suffix] : {std::pair{Format::OpenVinoIr, ".xml"}, std::pair{Format::Onnx, ".onnx"}}) {
    const std::string a = written(chain(format, -1, 0), folder / (std::string("a") + suffix)),
                      b = written(chain(format, 6, 0.25f), folder / (std::string("b") + suffix));
    const graph::Model model = *format::read_model(a), other = *format::read_model(b);
    const Json json =
        compared({.file = a, .model = model, .other_file = b, .other = &other, .layers = true}, {"openvino:CPU"});
    const Json& run = json["runs"][0];
    ASSERT_EQ(run["valid"], true) << run;
    ASSERT_EQ(run["first_difference"]["found"], true) << suffix << run;
    EXPECT_THAT(run["first_difference"]["operator"]["name"].get<std::string>(), HasSubstr("layer6")) << suffix << run;
  }
}

TEST(Divergence, WhatNoPartShowsIsAnAnswer) {
  SKIP_WITHOUT("litert");
  const graph::Model model = chain(Format::TfLite, -1, 0);
  Respondent a({.runtime = *runtime::find("litert"), .environment = {}, .program = kWorker}, 1, {}),
      b({.runtime = *runtime::find("litert"), .environment = {}, .program = kWorker}, 1, {});
  const Scratch folder;
  const auto loaded = a.load(written(model, folder / "whole.tflite"));
  ASSERT_TRUE(loaded) << loaded.error().message();
  const Inputs inputs = seeded_inputs(*loaded, 2, 1);
  const auto going_on = [](int) { return true; };
  const auto same = find_divergence({model, a}, {model, b}, inputs,
                                    {[](const Difference& each) { return each.different > 0; }, going_on});
  ASSERT_TRUE(same) << same.error().message();
  EXPECT_FALSE(same->found);
  EXPECT_EQ(same->runs, 1) << "the output";
  // Where all that is asked differs, the first operator is where it began.
  const auto all = find_divergence({model, a}, {model, b}, inputs, {[](const Difference&) { return true; }, going_on});
  ASSERT_TRUE(all && all->found);
  EXPECT_EQ(all->found->op, 0);
  const auto stopped = find_divergence({model, a}, {model, b}, inputs,
                                       {[](const Difference&) { return true; }, [](int) { return false; }});
  ASSERT_FALSE(stopped);
  EXPECT_EQ(stopped.error().fault, base::Fault::interrupted);
}

TEST(NetworkParity, RuntimesOnAReferenceNetwork) {
  SKIP_WITHOUT("tflite");
  SKIP_WITHOUT("tflite+xnnpack");
  EDGESCOPE_MODEL_OR_SKIP(file, "cpu/mobilenet_v1_0.25_128_quant.tflite");
  const graph::Model model = *format::read_model(file);
  const Json json = compared({.file = file, .model = model, .layers = true, .rows = 4}, {"tflite", "tflite+xnnpack"});
  EXPECT_EQ(json["reference"]["on"], "tflite");
  ASSERT_EQ(json["runs"].size(), 1u);
  const Json& run = json["runs"][0];
  ASSERT_EQ(run["valid"], true) << run;
  const Json& output = run["outputs"][0];
  EXPECT_EQ(output["values"], 4 * 1001);
  EXPECT_TRUE(output.contains("top5_agreement") && output.contains("decision_flips"));
  if (run["same_bits"] == true) return;
  ASSERT_TRUE(run["first_difference"].is_object()) << run;
  ASSERT_EQ(run["first_difference"]["found"], true);
  EXPECT_LE(run["first_difference"]["difference"]["max_steps"], 1.01) << run["first_difference"];
  EXPECT_EQ(run["cause"]["id"], "requantisation") << run;
}

TEST(NetworkParity, WhatCannotRunSaysWhy) {
  SKIP_WITHOUT("litert");
  const Scratch folder;
  const std::string a = written(chain(Format::Onnx, -1, 0), folder / "a.onnx");
  const graph::Model model = *format::read_model(a);
  const Json json = compared({.file = a, .model = model}, {"litert", "edgetpu:7"});
  EXPECT_TRUE(json["reference"].is_null());
  ASSERT_EQ(json["runs"].size(), 2u);
  for (const Json& run : json["runs"]) {
    EXPECT_EQ(run["valid"], false);
    EXPECT_FALSE(run["reason"].get<std::string>().empty());
  }
}

}  // namespace
}  // namespace edgescope::analysis
