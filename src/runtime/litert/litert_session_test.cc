// Without vendor code in this process: the adapter driven through a worker is in measure/worker_test.cc.
#include "runtime/litert/litert_session.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace edgescope::runtime {
namespace {

TEST(LiteRtSession, TellsAnAbsentLibraryFromAWrongOne) {
  const auto session = make_litert_session();
  const auto absent = session->load({.model = "m", .library = "/nonexistent/lib.so"});
  ASSERT_FALSE(absent);
  EXPECT_EQ(absent.error().fault, base::Fault::missing);
  EXPECT_THAT(absent.error().message(), testing::HasSubstr("cannot open the library"));
  const auto wrong = session->version("libm.so.6");
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().fault, base::Fault::missing);
  EXPECT_THAT(wrong.error().message(), testing::HasSubstr("the library lacks"));
}

}  // namespace
}  // namespace edgescope::runtime
