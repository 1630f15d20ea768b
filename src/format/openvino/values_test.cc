#include "format/openvino/values.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace edgescope::format::openvino {
namespace {

using ::testing::ElementsAre;

TEST(Values, NumbersAreWholeTexts) {
  EXPECT_EQ(parse_int(" -7 "), -7);
  EXPECT_EQ(parse_int("7x"), std::nullopt);
  EXPECT_EQ(parse_int(""), std::nullopt);
  EXPECT_EQ(parse_int("9223372036854775808"), std::nullopt);
  EXPECT_EQ(parse_unsigned("18446744073709551615"), 18446744073709551615u);
  EXPECT_EQ(parse_unsigned("-1"), std::nullopt);
  EXPECT_EQ(parse_float("1.5e-3"), 1.5e-3);
  EXPECT_EQ(parse_bool("True"), true);
  EXPECT_EQ(parse_bool("0"), false);
  EXPECT_EQ(parse_bool("maybe"), std::nullopt);
}

TEST(Values, Lists) {
  EXPECT_THAT(*parse_ints("1, -2,3"), ElementsAre(1, -2, 3));
  EXPECT_TRUE(parse_ints("")->empty());
  EXPECT_EQ(parse_ints("1,"), std::nullopt);
  EXPECT_EQ(parse_ints("1,,2"), std::nullopt);
  std::string longest = "1";
  for (int i = 1; i < 65536; ++i) longest += ",1";
  EXPECT_EQ(parse_ints(longest)->size(), 65536u);
  EXPECT_EQ(parse_ints(longest + ",1"), std::nullopt);
}

TEST(Values, Shapes) {
  EXPECT_EQ(parse_shape("1, 3,224")->text(), "1x3x224");
  EXPECT_EQ(parse_shape("?,-1,1..10,3..,..4")->text(), "?x?x?x?x?");
  EXPECT_EQ(parse_shape("")->text(), "scalar");
  EXPECT_EQ(parse_shape("[1,2]")->text(), "1x2");
  EXPECT_EQ(parse_shape("...")->text(), "unknown");
  EXPECT_EQ(parse_shape("1,-3"), std::nullopt);
  EXPECT_EQ(parse_shape("1,a..b"), std::nullopt);
}

TEST(Values, TypesInBothSpellings) {
  EXPECT_EQ(parse_type("FP16"), graph::ElementType::Float16);
  EXPECT_EQ(parse_type("f16"), graph::ElementType::Float16);
  EXPECT_EQ(parse_type("BIN"), graph::ElementType::UInt1);
  EXPECT_EQ(parse_type("boolean"), graph::ElementType::Bool);
  EXPECT_EQ(parse_type("F8E4M3"), graph::ElementType::Float8E4M3);
  EXPECT_EQ(parse_type("dynamic"), graph::ElementType::Unknown);
}

TEST(Values, GuessesAsTheTextReads) {
  EXPECT_EQ(guess("true"), graph::Attribute(true));
  EXPECT_EQ(guess("16"), graph::Attribute(std::int64_t{16}));
  EXPECT_EQ(guess("0.5"), graph::Attribute(0.5));
  EXPECT_EQ(guess("2, 3"), graph::Attribute(std::vector<std::int64_t>{2, 3}));
  EXPECT_EQ(guess("0.5, 1"), graph::Attribute(std::vector<double>{0.5, 1}));
  EXPECT_EQ(guess("half_to_even"), graph::Attribute(std::string("half_to_even")));
  EXPECT_EQ(guess("inf"), graph::Attribute(std::string("inf"))) << "a word is not a number";
  EXPECT_EQ(guess(""), graph::Attribute(std::string()));
}

}  // namespace
}  // namespace edgescope::format::openvino
