// `edgescope fix` as its users run it: real runtimes prove each step, the NCS2's real plugin compiles the result.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/json.h"
#include "format/openvino/writer.h"
#include "format/tflite/writer.h"
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
using graph::Format;
using graph::Kind;
using ::testing::HasSubstr;

class Fix : public ::testing::Test {
 protected:
  std::string file(const std::string& name) { return (scratch_ / name).string(); }

  void write(Builder&& builder, const std::string& path) {
    const auto model = std::move(builder).finish();
    ASSERT_TRUE(model) << model.error().message();
    const auto written = model->format == Format::TfLite ? format::tflite::write(*model, path)
                                                         : format::openvino::write(*model, path, 10);
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
