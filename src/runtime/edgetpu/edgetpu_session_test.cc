// Without vendor code in this process: the adapter on simulated sticks is in tests/e2e/edgetpu_test.cc.
#include "runtime/edgetpu/edgetpu_session.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace edgescope::runtime {
namespace {

TEST(EdgeTpuSession, TellsAnAbsentLibraryFromAWrongOne) {
  const auto session = make_edgetpu_session("edgetpu");
  const auto absent = session->version("/nonexistent/libedgetpu.so.1");
  ASSERT_FALSE(absent);
  EXPECT_EQ(absent.error().fault, base::Fault::missing);
  const auto wrong = session->version("libm.so.6");
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().fault, base::Fault::missing);
  EXPECT_THAT(wrong.error().message(), testing::HasSubstr("edgetpu_list_devices"));
}

}  // namespace
}  // namespace edgescope::runtime
