#include "graph/canonical.h"

#include <gtest/gtest.h>

namespace edgescope::graph {
namespace {

TEST(Canonical, TypesAreKnownByTheirNames) {
  for (int i = 1; i <= static_cast<int>(ElementType::Variant); ++i) {
    const auto type = static_cast<ElementType>(i);
    EXPECT_EQ(element_type_from_name(element_type_name(type)), type);
  }
  EXPECT_EQ(element_type_from_name("FP32"), ElementType::Unknown);
}

}  // namespace
}  // namespace edgescope::graph
