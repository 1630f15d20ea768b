// What `edgescope analyze` says and does about each device: fixed and proven, or the route.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <set>

#include "base/json.h"
#include "format/openvino/writer.h"
#include "graph/builder.h"
#include "runtime/catalog.h"
#include "support/run.h"
#include "support/scratch.h"

namespace edgescope::testing_support {
namespace {

namespace attr = graph::attr;
using base::Json;
using graph::Builder;
using graph::ElementType;
using graph::Kind;
using ::testing::HasSubstr;

const std::string kDigits = EDGESCOPE_SOURCE_DIR "/examples/digits/";

#define NEEDS(name) \
  if (!runtime::find(name)) GTEST_SKIP() << "no " << name << ": " << runtime::find(name).error().message()

class AnalyzeFixes : public ::testing::Test {
 protected:
  Json analyze(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "analyze");
    for (const char* word : {"--time-limit", "0.3", "--format", "json"}) arguments.emplace_back(word);
    const Finished done = run(edgescope_program(), arguments, {.limit_seconds = 100});
    EXPECT_EQ(done.exit, 0) << done.err;
    return Json::parse(done.out, nullptr, false);
  }
  static Json fix_for(const Json& document, const std::string& target) {
    for (const Json& fix : document["fixes"])
      if (fix["target"] == target) return fix;
    return nullptr;
  }
  std::string file(const std::string& name) { return (scratch_ / name).string(); }
  Scratch scratch_;
};

// The notebook's network: LessEqual, which the NCS2's plugin refuses.
TEST_F(AnalyzeFixes, TheNotebooksNetworkIsRewrittenForTheNcs2AndWritten) {
  NEEDS("openvino:CPU");
  Builder b(graph::Format::OpenVinoIr);
  const int x = b.input("x", ElementType::Float32, {1, 8}), t = b.input("t", ElementType::Float32, {1, 8});
  b.output(b.add(Kind::Cast, {b.add(Kind::LessEqual, {x, t}, {}, "node")}, {{attr::to, ElementType::Float32}}), "y");
  const auto model = std::move(b).finish();
  ASSERT_TRUE(model) << model.error().message();
  ASSERT_TRUE(format::openvino::write(*model, file("notebook.xml"), 10));

  const Json document = analyze({file("notebook.xml"), "--fixed", file("fixed")});
  const Json fix = fix_for(document, "ncs2");
  EXPECT_EQ(fix["before"]["verdict"], "fails");
  EXPECT_EQ(fix["whole"], true);
  ASSERT_FALSE(fix["rewrites"].empty());
  EXPECT_EQ(fix["rewrites"][0]["id"], "comparison");
  EXPECT_EQ(fix["rewrites"][0]["proof"]["different"], 0);
  EXPECT_GT(fix["rewrites"][0]["proof"]["values"], 100);
  EXPECT_EQ(fix["file"], file("fixed") + "/notebook_ncs2.xml");
  EXPECT_TRUE(std::filesystem::exists(file("fixed") + "/notebook_ncs2.bin"));
  EXPECT_EQ(document["summary"]["verdict"]["device"], "cpu");
  EXPECT_THAT(document["summary"]["points"].dump(), HasSubstr("The NCS2 takes all of it, with 1 rewrite"));
  // What was written needs no more.
  EXPECT_EQ(run(edgescope_program(), {"check", file("fixed") + "/notebook_ncs2.xml", "--target", "ncs2"}).exit, 0);
}

// The device takes it as it is, in a stage a row; and the CPU computes a multiplication by 1.
TEST_F(AnalyzeFixes, WhatIsTakenAsItIsMayStillBeBetter) {
  NEEDS("openvino:CPU");
  Builder b(graph::Format::OpenVinoIr);
  const int x = b.input("x", ElementType::Float32, {16, 8});
  const int same = b.add(Kind::Multiply, {x, b.constant<float>("one", {}, {1.0f})});
  b.output(b.add(Kind::Matmul, {same, b.constant<float>("w", {8, 4}, std::vector<float>(32, 0.5f))}), "y");
  const auto model = std::move(b).finish();
  ASSERT_TRUE(model) << model.error().message();
  ASSERT_TRUE(format::openvino::write(*model, file("rows.xml"), 10));
  const Json document = analyze({file("rows.xml"), "--fixed", file("fixed")});
  const Json ncs2 = fix_for(document, "ncs2");
  std::set<std::string> ids;
  for (const Json& rewrite : ncs2["rewrites"]) ids.insert(rewrite["id"].get<std::string>());
  EXPECT_TRUE(ids.contains("rows-to-width")) << ncs2.dump(1);
  EXPECT_EQ(ncs2["whole"], true);
  EXPECT_EQ(ncs2["file"], file("fixed") + "/rows_ncs2.xml");
  const Json cpu = fix_for(document, "cpu");
  ASSERT_TRUE(cpu.is_object());
  ASSERT_EQ(cpu["rewrites"].size(), 1u) << cpu.dump(1);
  EXPECT_EQ(cpu["rewrites"][0]["id"], "identity");
  EXPECT_EQ(cpu["measured"]["basis"], "measured");
  EXPECT_EQ(cpu["file"], file("fixed") + "/rows_cpu.xml");
  EXPECT_THAT(document["summary"]["points"].dump(), HasSubstr("On this CPU 1 rewrite"));
  EXPECT_EQ(document["summary"]["verdict"]["rivals"].size(), 2u) << "the CPU is no rival of itself";
}

TEST_F(AnalyzeFixes, AFloatTfliteModelIsConvertedForTheNcs2AndNeedsQuantisingForTheEdgeTpu) {
  NEEDS("openvino:CPU");
  const Json document = analyze({kDigits + "digits_float.tflite", "--on", "openvino:CPU"});
  const Json ncs2 = fix_for(document, "ncs2");
  EXPECT_EQ(ncs2["whole"], true) << ncs2;
  EXPECT_EQ(ncs2["conversion"]["to"]["ir_version"], 10);
  EXPECT_TRUE(ncs2["conversion"]["proof"].is_object());
  EXPECT_TRUE(ncs2["file"].is_null()) << "no folder was named";
  const Json edgetpu = fix_for(document, "edgetpu");
  EXPECT_EQ(edgetpu["whole"], false);
  EXPECT_THAT(edgetpu["route"].get<std::string>(), HasSubstr("--quantize ROWS.npy"));
}

TEST_F(AnalyzeFixes, OnnxForTheEdgeTpuFailsWithTheRoute) {
  const Json document = analyze({kDigits + "digits.onnx", "--quick"});
  const std::string route = fix_for(document, "edgetpu")["route"].get<std::string>();
  EXPECT_THAT(route, HasSubstr("edgescope fix " + kDigits + "digits.onnx --target edgetpu --quantize ROWS.npy"));
  EXPECT_THAT(route, HasSubstr("all 22 operators can be said in TFLite"));
}

TEST_F(AnalyzeFixes, WhatADeviceTakesAsItIsStays) {
  const Json document = analyze({kDigits + "digits_int8.tflite", "--quick"});
  const Json fix = fix_for(document, "edgetpu");
  EXPECT_EQ(fix["whole"], true);
  EXPECT_EQ(fix["file"], kDigits + "digits_int8.tflite");
  EXPECT_TRUE(fix["rewrites"].empty());
  EXPECT_GT(fix["predicted_us"][0], 200) << "the floor of a call over USB";
}

TEST_F(AnalyzeFixes, AQuantisedModelIsNotForTheNcs2) {
  NEEDS("litert");
  const Json fix =
      fix_for(analyze({kDigits + "digits_int8.tflite", "--on", "litert", "--fixed", file("fixed")}), "ncs2");
  EXPECT_EQ(fix["whole"], false);
  EXPECT_TRUE(fix["file"].is_null());
  EXPECT_THAT(fix["route"].get<std::string>(), HasSubstr("analyze the float model"));
  EXPECT_TRUE(std::filesystem::is_empty(file("fixed"))) << "nothing was made";
}

// Quick stays quick: it says what could be done and does not do it.
TEST_F(AnalyzeFixes, QuickRewritesNothing) {
  const Json fix = fix_for(analyze({kDigits + "digits_float.tflite", "--quick"}), "ncs2");
  EXPECT_EQ(fix["tried"], false);
  EXPECT_THAT(fix["route"].get<std::string>(), HasSubstr("edgescope fix "));
}

}  // namespace
}  // namespace edgescope::testing_support
