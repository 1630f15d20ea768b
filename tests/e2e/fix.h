// What the tests of `edgescope fix` share: models written by code, the command run on them, the result compared.
#pragma once

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

}  // namespace edgescope::testing_support
