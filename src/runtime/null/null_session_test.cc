#include "runtime/null/null_session.h"

#include <gtest/gtest.h>

namespace edgescope::runtime {
namespace {

TEST(NullSession, HasThePortsThatAreAskedFor) {
  const auto session = make_null_session();
  auto loaded = session->load({.model = "none"});
  ASSERT_TRUE(loaded);
  ASSERT_EQ(loaded->inputs.size(), 1u);
  EXPECT_EQ(loaded->inputs[0].bytes, 4u);
  loaded = session->load({.model = "none", .properties = {{"inputs", "10,20"}, {"outputs", ""}}});
  ASSERT_TRUE(loaded);
  ASSERT_EQ(loaded->inputs.size(), 2u);
  EXPECT_EQ(session->input(1).size(), 20u);
  EXPECT_TRUE(loaded->outputs.empty());
  EXPECT_TRUE(session->run());
}

TEST(NullSession, RefusesWhatIsNoList) {
  for (const char* list : {"a", "1;2", "-1", "99999999999999999999", "2000000000", "1,,2"})
    EXPECT_FALSE(make_null_session()->load({.model = "none", .properties = {{"inputs", list}}})) << list;
}

}  // namespace
}  // namespace edgescope::runtime
