#include "graph/model.h"

#include <gtest/gtest.h>

namespace edgescope::graph {
namespace {

TEST(Shape, TextAndElements) {
  EXPECT_EQ((Shape{.dims = {1, 224, 224, 3}}).text(), "1x224x224x3");
  EXPECT_EQ((Shape{.dims = {kDynamic, 10}}).text(), "?x10");
  EXPECT_EQ((Shape{.dims = {kDynamic, 10}, .symbols = {"batch", ""}}).text(), "batchx10");
  EXPECT_EQ(Shape{}.text(), "scalar");
  EXPECT_EQ(Shape{.known = false}.text(), "unknown");
  EXPECT_EQ(Shape{}.elements(), 1u);
  EXPECT_EQ((Shape{.dims = {2, 0}}).elements(), 0u);
  EXPECT_FALSE((Shape{.dims = {kDynamic}}).elements());
  EXPECT_FALSE((Shape{.known = false}).is_static());
}

}  // namespace
}  // namespace edgescope::graph
