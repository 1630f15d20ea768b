#include "base/program.h"

#include <gtest/gtest.h>

#include "base/process.h"

namespace edgescope::base {
namespace {

using std::chrono::milliseconds;
using End = ProgramRun::End;

ProgramSpec shell(const std::string& script) {
  return {.program = "/bin/sh", .arguments = {"-c", script}, .environment = plain_environment()};
}

TEST(Program, KeepsBothStreamsInTheirOrder) {
  const auto run = run_program(shell("echo one; echo two >&2; echo three; exit 7"));
  ASSERT_TRUE(run) << run.error().message();
  EXPECT_EQ(run->end, End::Exit);
  EXPECT_EQ(run->exit_code, 7);
  EXPECT_EQ(run->output, "one\ntwo\nthree\n");
  EXPECT_GT(run->seconds, 0);
}

TEST(Program, ACrashIsNoExit) {
  const auto run = run_program(shell("echo last words; kill -ABRT $$"));
  ASSERT_TRUE(run);
  EXPECT_EQ(run->end, End::Crash);
  EXPECT_EQ(run->how, "crashed with SIGABRT (Aborted)");
  EXPECT_EQ(run->output, "last words\n");
}

TEST(Program, IsStoppedAtItsLimit) {
  ProgramSpec spec = shell("sleep 1000");
  spec.time_limit = milliseconds(300);
  const auto run = run_program(spec);
  ASSERT_TRUE(run);
  EXPECT_EQ(run->end, End::Timeout);
  EXPECT_EQ(run->how, "was not done within 0.3 s and was stopped");
}

TEST(Program, IsStoppedWhenInterrupted) {
  ProgramSpec spec = shell("sleep 1000");
  spec.interrupted = [] { return true; };
  EXPECT_EQ(run_program(spec)->end, End::Interrupted);
}

TEST(Program, WritesWithoutEnd) {
  const auto run = run_program(shell("cat /dev/zero"));
  ASSERT_TRUE(run);
  EXPECT_EQ(run->end, End::Flood);
}

TEST(Program, IsFoundAlongThePath) {
  EXPECT_FALSE(find_program("sh").empty());
  EXPECT_EQ(find_program("no-such-program-anywhere"), "");
  EXPECT_FALSE(run_program({.program = "/nonexistent"}));
}

}  // namespace
}  // namespace edgescope::base
