#include "base/terminal.h"

#include <gtest/gtest.h>

#include <cstdlib>

namespace edgescope::base {
namespace {

TEST(Terminal, EnvironmentDecidesOnColour) {
  ::unsetenv("NO_COLOR");
  ::setenv("CLICOLOR_FORCE", "1", 1);
  EXPECT_TRUE(stdout_terminal().color);
  ::setenv("NO_COLOR", "1", 1);
  EXPECT_FALSE(stdout_terminal().color);
  ::unsetenv("NO_COLOR");
  ::unsetenv("CLICOLOR_FORCE");
}

TEST(Terminal, NamesDoNotMoveTheCursor) {
  EXPECT_EQ(printable("a\x1b[2Jb\n"), "a\\x1b[2Jb\\x0a");
  EXPECT_EQ(printable("größe"), "größe");
}

TEST(Progress, NeverIsSilentAndAlwaysSpeaks) {
  testing::internal::CaptureStderr();
  Progress(ProgressMode::Never).update("measuring", 0.5);
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
  testing::internal::CaptureStderr();
  Progress(ProgressMode::Always).update("measuring", 0.5);
  EXPECT_NE(testing::internal::GetCapturedStderr().find("measuring  50 %"), std::string::npos);
}

}  // namespace
}  // namespace edgescope::base
