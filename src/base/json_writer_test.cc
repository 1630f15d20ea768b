#include "base/json_writer.h"

#include <gtest/gtest.h>

#include <limits>

namespace edgescope::base {
namespace {

TEST(JsonWriter, NestsAndSeparates) {
  JsonWriter json;
  json.begin_object();
  json.member("a", 1);
  json.key("b");
  json.begin_array();
  json.value(true);
  json.value(nullptr);
  json.begin_object();
  json.end_object();
  json.end_array();
  json.member("c", std::optional<std::int64_t>());
  json.member("d", "x");
  json.end_object();
  EXPECT_EQ(std::move(json).take(), R"({"a":1,"b":[true,null,{}],"c":null,"d":"x"})");
}

TEST(JsonWriter, LinesHoldOneElementEach) {
  JsonWriter json;
  json.begin_object(JsonWriter::Layout::Lines);
  json.member("a", 1);
  json.key("rows");
  json.begin_array(JsonWriter::Layout::Lines);
  for (int i = 0; i < 2; ++i) {
    json.begin_object();
    json.member("i", i);
    json.end_object();
  }
  json.end_array();
  json.key("none");
  json.begin_array(JsonWriter::Layout::Lines);
  json.end_array();
  json.end_object();
  EXPECT_EQ(std::move(json).take(), "{\n \"a\": 1,\n \"rows\": [\n  {\"i\":0},\n  {\"i\":1}\n ],\n \"none\": []\n}");
}

TEST(JsonWriter, StringsSurvive) {
  const std::string texts[] = {"plain", "quote \" backslash \\", "line\nfeed", "é", std::string("nul\0", 4), ""};
  for (const std::string& text : texts) {
    JsonWriter json;
    json.value(text);
    EXPECT_EQ(Json::parse(std::move(json).take()), text);
  }
}

TEST(JsonWriter, KeysFromFilesAreEscaped) {
  JsonWriter json;
  json.begin_object();
  json.source_key("a\"b");
  json.value(1);
  json.end_object();
  EXPECT_EQ(std::move(json).take(), R"({"a\"b":1})");
}

TEST(JsonWriter, InvalidUtf8BecomesTheReplacementCharacter) {
  JsonWriter json;
  json.value("a\xff");
  EXPECT_EQ(std::move(json).take(), "\"a\xef\xbf\xbd\"");
}

TEST(JsonWriter, LongTextsArriveWholeWithAndWithoutASink) {
  const auto write = [](JsonWriter& json) {
    json.begin_array(JsonWriter::Layout::Lines);
    for (int i = 0; i < 30000; ++i) json.value(i);
    json.value(std::string(200000, 'x'));
    json.end_array();
  };
  JsonWriter kept;
  write(kept);
  std::string pieces;
  std::size_t count = 0;
  JsonWriter handed([&](std::string_view piece) {
    pieces += piece;
    ++count;
  });
  write(handed);
  handed.finish();
  EXPECT_GT(count, 2u);
  EXPECT_EQ(pieces, std::move(kept).take());
  EXPECT_EQ(Json::parse(pieces).size(), 30001u);
}

TEST(JsonWriter, NumbersAreShortestAndFinite) {
  JsonWriter json;
  json.begin_array();
  json.value(0.1f);
  json.value(0.1);
  json.value(std::numeric_limits<double>::infinity());
  json.value(std::numeric_limits<std::uint64_t>::max());
  json.value(std::numeric_limits<std::int64_t>::min());
  json.end_array();
  EXPECT_EQ(std::move(json).take(), "[0.1,0.1,null,18446744073709551615,-9223372036854775808]");
}

}  // namespace
}  // namespace edgescope::base
