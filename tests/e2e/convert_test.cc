// `edgescope convert` as its users run it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "base/json.h"
#include "support/run.h"
#include "support/scratch.h"

namespace edgescope::testing_support {
namespace {

namespace fs = std::filesystem;
using base::Json;
using ::testing::HasSubstr;

const std::string kDigits = EDGESCOPE_SOURCE_DIR "/examples/digits/";

Finished convert(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), "convert");
  return run(edgescope_program(), arguments);
}

TEST(ConvertCommand, EveryFormatToEveryOther) {
  const Scratch scratch;
  for (const char* from : {"digits_float.tflite", "digits.onnx", "digits.xml"})
    for (const char* to : {"d.tflite", "d.onnx", "d.xml"}) {
      const std::string path = (scratch / to).string();
      const Finished done = convert({kDigits + from, "-o", path, "--format", "json"});
      ASSERT_EQ(done.exit, 0) << from << to << done.err;
      const Json json = Json::parse(done.out);
      EXPECT_EQ(json["outputs"][0], path);
      EXPECT_TRUE(json["refused"].empty());
      EXPECT_GT(json["written_operators"], 3);
      for (const Json& each : json["outputs"]) EXPECT_TRUE(fs::exists(each.get<std::string>())) << each;
      // What was written is a model of that format.
      const Finished seen = run(edgescope_program(), {"inspect", path, "--format", "json"});
      ASSERT_EQ(seen.exit, 0) << seen.err;
      EXPECT_EQ(Json::parse(seen.out)["model"]["format"], json["to"]["format"]);
    }
}

TEST(ConvertCommand, AnIrForOpenVino2021) {
  const Scratch scratch;
  const std::string path = (scratch / "old.xml").string();
  const Finished done = convert({kDigits + "digits.xml", "-o", path, "--ir-version", "10"});
  ASSERT_EQ(done.exit, 0) << done.err;
  EXPECT_THAT(done.out, HasSubstr("version 10"));
  EXPECT_TRUE(fs::exists(scratch / "old.bin"));
  const Finished seen = run(edgescope_program(), {"inspect", path, "--format", "json"});
  EXPECT_EQ(Json::parse(seen.out)["model"]["format_version"], 10);
}

TEST(ConvertCommand, WhatCannotBeSaidIsNamedAndNothingIsWritten) {
  const Scratch scratch;
  const std::string path = (scratch / "out.tflite").string();
  const Finished done = convert({EDGESCOPE_SOURCE_DIR "/tests/data/onnx/opset13.onnx", "-o", path, "--format", "json"});
  EXPECT_EQ(done.exit, 1) << done.err;
  const Json json = Json::parse(done.out);
  ASSERT_FALSE(json["refused"].empty());
  EXPECT_FALSE(json["refused"][0]["reason"].get<std::string>().empty());
  EXPECT_FALSE(fs::exists(path));
}

TEST(ConvertCommand, QuantisedModelsAreRefusedWithTheRoute) {
  const Scratch scratch;
  const Finished done = convert({kDigits + "digits_int8.tflite", "-o", (scratch / "out.onnx").string()});
  EXPECT_EQ(done.exit, 3);
  EXPECT_THAT(done.err, HasSubstr("Convert the float model"));
}

TEST(ConvertCommand, ANameSaysTheFormat) {
  const Finished done = convert({kDigits + "digits.onnx", "-o", "model.pb"});
  EXPECT_EQ(done.exit, 2);
  EXPECT_THAT(done.err, HasSubstr(".tflite, .onnx or .xml"));
}

}  // namespace
}  // namespace edgescope::testing_support
