#include "format/forest/document.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <string>

namespace edgescope::forest {
namespace {

using namespace std::string_literals;
using Kind = Value::Kind;

base::Result<Value> parse(const std::string& text) {
  return read_document(base::MappedFile::borrow(std::as_bytes(std::span(text)), "x"));
}
std::string problem(const std::string& text) {
  const auto value = parse(text);
  return value ? "" : value.error().message();
}

TEST(Document, HoldsArraysOfNumbersAsNumbers) {
  const auto json = parse(R"( {"a": [1, 2.5, -3], "b": [], "c": [{"d": "e"}, {"d": "f"}], "g": true} )");
  ASSERT_TRUE(json) << json.error().message();
  EXPECT_EQ(json->find("a")->numbers, (std::vector<double>{1, 2.5, -3}));
  EXPECT_EQ(json->find("b")->kind, Kind::Numbers);
  EXPECT_EQ(json->find("c")->items[1].find("d")->text, "f");
  EXPECT_EQ(json->find("g")->number, 1);
  EXPECT_EQ(json->find("h"), nullptr);
}

TEST(Document, NumbersWithAFractionAreFloat32) {
  // Of two roundings the first would fall onto the middle between two float32 numbers.
  const auto json = parse("{\"a\": [1.00000017881393432617187499e0]}");
  EXPECT_EQ(json->find("a")->numbers[0], double{1.00000011920928955078125f});
}

TEST(Document, KnowsNumbersThatJsonDoesNot) {
  const auto json = parse(R"({"NaN": "Infinity \" NaN", "a": [NaN, Infinity, -Infinity, 1]})");
  ASSERT_TRUE(json) << json.error().message();
  EXPECT_EQ(json->find("NaN")->text, "Infinity \" NaN");
  const auto& numbers = json->find("a")->numbers;
  ASSERT_EQ(numbers.size(), 4u);
  EXPECT_TRUE(std::isnan(numbers[0]));
  EXPECT_EQ(numbers[1], INFINITY);
  EXPECT_EQ(numbers[2], -INFINITY);
}

TEST(Document, ReadsUbjson) {
  const auto length = "L\0\0\0\0\0\0\0"s;
  const auto value = parse("{" + length + "\1a[$d#" + length + "\2\x3f\x80\0\0\x40\0\0\0"s + length + "\1bS" + length +
                           "\3xyz" + length + "\1c[$U#" + length + "\2\1\xff}");
  ASSERT_TRUE(value) << value.error().message();
  EXPECT_EQ(value->find("a")->numbers, (std::vector<double>{1, 2}));
  EXPECT_EQ(value->find("b")->text, "xyz");
  EXPECT_EQ(value->find("c")->numbers, (std::vector<double>{1, 255}));
}

TEST(Document, BoundsWhatAFileCanMakeItBuild) {
  const auto length = "L\0\0\0\0\0\0\0"s;
  // 2^40 values that take no bytes.
  EXPECT_THAT(problem("{" + length + "\1a[$T#L\0\0\1\0\0\0\0\0}"s), ::testing::HasSubstr("16 times the memory"));
  EXPECT_THAT(problem("{\"a\":" + std::string(100000, '[')), ::testing::HasSubstr("deeper than 32"));
  EXPECT_THAT(problem("{" + length + "\1a" + std::string(100000, '[')), ::testing::HasSubstr("deeper than 32"));
  EXPECT_THAT(problem("{\"a\": [1, \"b\"]}"), ::testing::HasSubstr("numbers and other things"));
  EXPECT_THAT(problem("{\"a\": "), ::testing::HasSubstr("is not JSON"));
}

}  // namespace
}  // namespace edgescope::forest
