#include "base/json.h"

#include <gtest/gtest.h>

namespace edgescope::base {
namespace {

TEST(Json, KeepsOrderAndNeverThrows) {
  auto json = parse_json(R"({"b":1,"a":2})", "text");
  ASSERT_TRUE(json);
  EXPECT_EQ(dump(*json), R"({"b":1,"a":2})");
  EXPECT_EQ(parse_json("{", "the answer").error().message(), "the answer: is not JSON");
  EXPECT_EQ(dump(Json("a\xff")), "\"a\xEF\xBF\xBD\"");
}

}  // namespace
}  // namespace edgescope::base
