#include "report/views/check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace edgescope::report {
namespace {

using base::Json;
using ::testing::HasSubstr;
using ::testing::Not;

Json document() {
  return Json::parse(R"({"input":"m.tflite","target":"edgetpu","software":"edgetpu_compiler 16","verdict":"compiles",
    "operators":[{"index":0,"name":"a;b","kind":"relu","source_kind":"RELU","verdict":"mapped","status":"Mapped to Edge TPU","reason":"Mapped to Edge TPU"},
                 {"index":1,"name":"c","kind":"elu","source_kind":"ELU","verdict":"cpu","status":"Operation not supported","reason":"no such operator","remedy":"use RELU",
                  "verified":false,"transitions":1,"bytes_in":2048,"bytes_out":0}],
    "placement":{"mapped":1,"cpu":1,"transitions":1,"boundary_bytes":4096,"stops_at":{"index":1,"name":"c","source_kind":"ELU"},"partitions":[]},
    "findings":[],
    "memory":{"stored_bytes":1024,"cached_bytes":512,"streamed_bytes":512,"cached_bytes_range":[0,512],"streamed_bytes_range":[512,512],
      "rows_for_parameters":2012,"layers":[{"operator":0,"name":"a","kind":"fully_connected","form":"fully_connected","source_bytes":8,"stored_bytes":512,"blocks":1,
      "rows_per_block":2,"cached":false,"why":"the tile is full","placement":[]}],
      "advice":[{"streams":"tile_full","change":"use version 16","operators":[],"saved_bytes":512,"saved_us":[1.5,2.5]}],"not_predicted":["an LSTM"]},
    "prediction":null})");
}

TEST(CheckView, TheVerdictFirstThenWhatStaysAndWhy) {
  const std::string text = render(document(), check_view, OutputFormat::Text, {});
  EXPECT_LT(text.find("Compiles for edgetpu: 1 of 2 operators are mapped, 1 stays on the CPU"),
            text.find("On the CPU"));
  EXPECT_THAT(text, HasSubstr("mapping stops at  operator 1 ELU c"));
  EXPECT_THAT(text, HasSubstr("Operation not supported"));
  EXPECT_THAT(text, HasSubstr("unverified rule"));
  EXPECT_THAT(text, HasSubstr("use RELU"));
  EXPECT_THAT(text, HasSubstr("512 B  (0 B to 512 B), sent once"));
  EXPECT_THAT(text, HasSubstr("512 B, sent at every inference"));  // an interval of one point is none
  EXPECT_THAT(text, HasSubstr("the tile is full"));
  EXPECT_THAT(text, HasSubstr("1.50 us to 2.50 us  use version 16"));
  EXPECT_THAT(text, HasSubstr("Not predicted: an LSTM"));
  EXPECT_THAT(text, Not(HasSubstr("a;b")));
}

TEST(CheckView, AFailureSaysWhatToDo) {
  Json failing = document();
  failing["verdict"] = "fails";
  failing["failure"] = {{"reason", "it is a model of floats"}, {"remedy", "quantise it"}};
  const std::string text = render(failing, check_view, OutputFormat::Text, {});
  EXPECT_THAT(text, HasSubstr("Does not compile for edgetpu: it is a model of floats"));
  EXPECT_THAT(text, HasSubstr("quantise it"));
}

TEST(CheckView, TheMainTableHoldsEveryOperator) {
  const std::string csv = render(document(), check_view, OutputFormat::Csv, {});
  EXPECT_THAT(csv, HasSubstr("0,RELU,mapped"));
  EXPECT_THAT(csv, HasSubstr("1,ELU,cpu,Operation not supported"));
}

TEST(CheckView, AgainstTheCompiledFile) {
  Json compared = document();
  compared["compiled"] = Json::parse(
      R"({"cached_bytes":{"predicted":512,"compiled":1024},"streamed_bytes":{"predicted":512,"compiled":512},
    "rows":{"predicted":2,"compiled":4},"rows_used":{"predicted":[2,0],"compiled":[4,0]},"cpu_operators":[{"source_kind":"ADD","predicted":1,"compiled":0}],
    "placement":[{"tiles":[0],"row":0,"rows":4}]})");
  const std::string text = render(compared, check_view, OutputFormat::Text, {});
  EXPECT_THAT(text, HasSubstr("512 B predicted, 1.00 KiB in the file  <- differs"));
  EXPECT_THAT(text, HasSubstr("Placement in the file"));
  EXPECT_THAT(text, HasSubstr("ADD"));
}

}  // namespace
}  // namespace edgescope::report
