#include "measure/virtual_sticks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "support/compiled_model.h"
#include "support/scratch.h"

namespace edgescope::measure {
namespace {

using base::Json;
using ::testing::HasSubstr;

class Sticks : public ::testing::Test {
 protected:
  Sticks() { testing_support::write_compiled_model(model_); }
  Json written(const SessionFiles& files) {
    std::ifstream file(files.session);
    return Json::parse(file);
  }
  std::string source(const std::string& input, const std::string& output) {
    auto model = format::tflite::test_models::tiny_conv();
    model.subgraphs[0]->tensors[static_cast<std::size_t>(model.subgraphs[0]->inputs[0])]->name = input;
    model.subgraphs[0]->tensors[static_cast<std::size_t>(model.subgraphs[0]->outputs[0])]->name = output;
    const auto bytes = format::tflite::test_models::pack(model);
    const std::string path = scratch_ / "source.tflite";
    std::ofstream(path, std::ios::binary)
        .write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
    return path;
  }

  const testing_support::Scratch scratch_;
  const std::string model_ = scratch_ / "small_edgetpu.tflite";
};

TEST_F(Sticks, TheSessionSaysWhatThereIs) {
  std::vector<Compiled> models;
  models.push_back(*read_compiled(model_));
  const auto files =
      write_session({.count = 2, .usb3 = false, .firmware = false}, models, "libtflite", true, scratch_.path());
  ASSERT_TRUE(files) << files.error().message();
  const Json session = written(*files);
  EXPECT_EQ(session["devices"].size(), 2u);
  EXPECT_EQ(session["devices"][1], (Json{{"kind", "coral"}, {"speed", "usb2"}, {"firmware", false}}));
  EXPECT_EQ(session["models"][0]["file"], model_);
  EXPECT_FALSE(session["models"][0].contains("parts"));
}

TEST_F(Sticks, ThePartsOfTheSourceAreCutBySameNames) {
  std::vector<Compiled> models;
  models.push_back(*read_compiled(model_));
  const auto files = write_session({.source = source("in", "out")}, models, "libtflite", false, scratch_.path());
  ASSERT_TRUE(files) << files.error().message();
  const Json session = written(*files);
  EXPECT_TRUE(std::ifstream(session["models"][0]["parts"][0].get<std::string>()));

  const auto foreign =
      write_session({.source = source("image", "scores")}, models, "libtflite", false, scratch_.path());
  ASSERT_FALSE(foreign);
  EXPECT_THAT(foreign.error().message(), HasSubstr("--source"));
}

TEST_F(Sticks, WhatWasNotCompiledIsSaidToBeSo) {
  const auto plain = read_compiled(source("in", "out"));
  ASSERT_FALSE(plain);
  EXPECT_THAT(plain.error().message(), HasSubstr("it is not a compiled model"));
}

}  // namespace
}  // namespace edgescope::measure
