#include "graph/attribute.h"

#include <gtest/gtest.h>

namespace edgescope::graph {
namespace {

TEST(Attribute, GetChecksTheType) {
  const Attributes attributes = {{"groups", std::int64_t{2}}, {"padding", std::string("same")}};
  EXPECT_EQ(get<std::int64_t>(attributes, attr::groups, 1), 2);
  EXPECT_EQ(get<std::int64_t>(attributes, attr::axis, -1), -1);
  EXPECT_EQ(get<std::int64_t>(attributes, attr::padding, 7), 7);
  EXPECT_EQ(find(attributes, "none"), nullptr);
}

}  // namespace
}  // namespace edgescope::graph
