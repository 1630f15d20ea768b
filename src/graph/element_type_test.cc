#include "graph/element_type.h"

#include <gtest/gtest.h>

namespace edgescope::graph {
namespace {

TEST(ElementType, NamesAndBits) {
  EXPECT_EQ(element_type_name(ElementType::Float32), "f32");
  EXPECT_EQ(element_type_name(ElementType::Variant), "variant");
  EXPECT_EQ(element_bits(ElementType::Int4), 4);
  EXPECT_EQ(element_bits(ElementType::Complex128), 128);
  EXPECT_EQ(element_type_name(ElementType::Float6E3M2), "f6e3m2");
  EXPECT_EQ(element_bits(ElementType::Float6E2M3), 6);
  EXPECT_TRUE(is_float(ElementType::BFloat16));
  EXPECT_FALSE(is_float(ElementType::Int8));
}

TEST(ElementType, PackedBytesRoundUp) {
  EXPECT_EQ(packed_bytes(ElementType::Int4, 3), 2u);
  EXPECT_EQ(packed_bytes(ElementType::Float32, 3), 12u);
  EXPECT_FALSE(packed_bytes(ElementType::String, 3));
  EXPECT_FALSE(packed_bytes(ElementType::Float64, ~std::uint64_t{0}));
}

}  // namespace
}  // namespace edgescope::graph
