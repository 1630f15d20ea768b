#include "measure/command.h"

#include <gtest/gtest.h>

namespace edgescope::measure {
namespace {

TEST(RunCommand, AnswersAsAShellCounts) {
  EXPECT_EQ(*run_command({.words = {"sh", "-c", "exit 5"}}), 5);
  EXPECT_EQ(*run_command({.words = {"sh", "-c", "kill -9 $$"}}), 137);
  EXPECT_EQ(
      *run_command({.words = {"sh", "-c", "test \"$OF_THIS_TEST\" = here"}, .environment = {{"OF_THIS_TEST", "here"}}}),
      0);
}

TEST(RunCommand, SaysWhatCannotBeStarted) {
  const auto failed = run_command({.words = {"/nonexistent/program"}});
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().fault, base::Fault::missing);
  EXPECT_EQ(failed.error().file, "/nonexistent/program");
}

TEST(RunCommand, ItsOutputCanBeKeptFromOurs) {
  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  EXPECT_EQ(*run_command({.words = {"echo", "word"}, .output_to_stderr = true}), 0);
  EXPECT_EQ(testing::internal::GetCapturedStdout(), "");
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "word\n");
}

}  // namespace
}  // namespace edgescope::measure
