#include "runtime/openvino/element_types.h"

#include <gtest/gtest.h>

namespace edgescope::runtime::openvino {
namespace {

using E = graph::ElementType;

TEST(ElementTypes, NumberingOf2022) {  // undefined, dynamic, boolean, bf16, ..., i64, u1, u4, u8, ...
  const auto types = element_types_by_size({0, 0, 8, 16, 16, 32, 64, 4, 8, 16, 32, 64, 1, 4, 8, 16, 32, 64});
  EXPECT_EQ(types[2], E::Bool);
  EXPECT_EQ(types[5], E::Float32);
  EXPECT_EQ(types[8], E::Int8);
  EXPECT_EQ(types[13], E::UInt4);
  EXPECT_EQ(types[14], E::UInt8);
  EXPECT_EQ(types[17], E::UInt64);
}

TEST(ElementTypes, NumberingOf2026) {  // dynamic, boolean, ..., u1, u2, u3, u4, u6, u8, ...
  const auto types =
      element_types_by_size({0, 8, 16, 16, 32, 64, 4, 8, 16, 32, 64, 1, 2, 3, 4, 6, 8, 16, 32, 64, 4, 8, 8, 0, 4, 8});
  EXPECT_EQ(types[1], E::Bool);
  EXPECT_EQ(types[2], E::BFloat16);
  EXPECT_EQ(types[4], E::Float32);
  EXPECT_EQ(types[12], E::UInt2);
  EXPECT_EQ(types[16], E::UInt8);
  EXPECT_EQ(types[19], E::UInt64);
}

TEST(ElementTypes, AnUnknownNumberingStaysUnknown) {
  for (E type : element_types_by_size({0, 8, 64, 64, 1})) EXPECT_TRUE(type == E::Unknown || type == E::Bool);
  EXPECT_TRUE(element_types_by_size({}).empty());
  for (E type : element_types_by_size({0, 0, 0})) EXPECT_EQ(type, E::Unknown);
}

}  // namespace
}  // namespace edgescope::runtime::openvino
