#include "format/onnx/wire.h"

#include <gtest/gtest.h>

#include <vector>

#include "format/onnx/builder_for_test.h"

namespace edgescope::format::onnx {
namespace {

Bytes bytes(const std::string& text) { return std::as_bytes(std::span(text)); }

TEST(Wire, FieldsAreSpansOfTheMessage) {
  const std::string message = test::number(1, 300) + test::text(2, "abc") + test::real(3, 1.5f);
  Walk walk(bytes(message));
  Field field;
  ASSERT_TRUE(walk.next(field));
  EXPECT_TRUE(field.is(1, Wire::Varint));
  EXPECT_EQ(field.value, 300u);
  ASSERT_TRUE(walk.next(field));
  EXPECT_EQ(field.text(), "abc");
  EXPECT_EQ(field.payload.data(), bytes(message).data() + 5);
  EXPECT_EQ(field.whole.size(), 5u);
  ASSERT_TRUE(walk.next(field));
  EXPECT_EQ(field.value, 0x3fc00000u);
  EXPECT_FALSE(walk.next(field));
  EXPECT_EQ(walk.problem(), "");
}

TEST(Wire, WhatBreaksOffIsSaid) {
  const auto problem = [](const std::string& message) {
    Walk walk(bytes(message));
    for (Field field; walk.next(field);) {
    }
    return std::string(walk.problem());
  };
  EXPECT_EQ(problem(""), "");
  EXPECT_NE(problem("\x80"), "");                            // a tag without its end
  EXPECT_NE(problem(std::string("\x00\x01", 2)), "");        // field 0
  EXPECT_NE(problem("\x0b"), "");                            // a group
  EXPECT_NE(problem("\x0a\x05xyz"), "");                     // longer than the message
  EXPECT_NE(problem("\x08\xff"), "");                        // a number without its end
  EXPECT_NE(problem("\x0d\x01\x02"), "");                    // a float of two bytes
  EXPECT_NE(problem("\x08" + std::string(11, '\xff')), "");  // more than 64 bits
  EXPECT_NE(problem("\x0a\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"), "");
}

TEST(Wire, RepeatedNumbersPackedOrNot) {
  std::vector<std::uint64_t> values;
  const auto collect = [&](std::uint64_t value) { values.push_back(value); };
  const std::string message = test::text(1, test::varint(7) + test::varint(1000)) + test::number(1, 9);
  Walk walk(bytes(message));
  for (Field field; walk.next(field);) EXPECT_TRUE(each_number(field, Wire::Varint, collect));
  EXPECT_EQ(values, (std::vector<std::uint64_t>{7, 1000, 9}));

  const std::string broken = test::text(1, "\x01\x02\x03");
  Walk odd(bytes(broken));
  Field field;
  ASSERT_TRUE(odd.next(field));
  EXPECT_FALSE(each_number(field, Wire::Fixed32, collect));
}

}  // namespace
}  // namespace edgescope::format::onnx
