// What holds for the program whatever the command: help, usage errors, exit codes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/run.h"

namespace edgescope::testing_support {
namespace {

TEST(Run, KeepsBothStreamsAndTheExitCode) {
  const Finished done = run("sh", {"-c", "echo one; echo two >&2; exit 7"});
  EXPECT_EQ(done.exit, 7);
  EXPECT_EQ(done.out, "one\n");
  EXPECT_EQ(done.err, "two\n");
  EXPECT_GT(done.peak_kib, 0);
}

TEST(Run, ReadsMoreThanAPipeHolds) {
  const Finished done = run("sh", {"-c", "head -c 300000 /dev/zero >&2; head -c 300000 /dev/zero"});
  EXPECT_EQ(done.out.size(), 300000u);
  EXPECT_EQ(done.err.size(), 300000u);
}

TEST(Run, KillsWhatHangs) { EXPECT_EQ(run("sleep", {"30"}, {.limit_seconds = 0.2}).exit, 137); }

TEST(Run, AbsentProgram) { EXPECT_EQ(run("/nonexistent/program", {}).exit, 127); }

TEST(Program, HelpIsOnStdoutAndSucceeds) {
  const Finished done = run(edgescope_program(), {"--help"});
  EXPECT_EQ(done.exit, 0);
  EXPECT_NE(done.out.find("edgescope"), std::string::npos);
  EXPECT_EQ(done.err, "");
}

TEST(Program, UsageErrorsAreExitCode2OnStderr) {
  for (const std::vector<std::string>& arguments :
       std::vector<std::vector<std::string>>{{}, {"no-such-command"}, {"--no-such-flag"}}) {
    const Finished done = run(edgescope_program(), arguments);
    EXPECT_EQ(done.exit, 2);
    EXPECT_EQ(done.out, "");
    EXPECT_NE(done.err, "");
  }
}

TEST(Program, VersionNamesTheCommitAndTheRuntimes) {
  const Finished done = run(edgescope_program(), {"--version"});
  EXPECT_EQ(done.exit, 0);
  EXPECT_THAT(done.out, testing::StartsWith("edgescope "));
  EXPECT_THAT(done.out, testing::HasSubstr("\nruntimes: "));
}

TEST(Program, ReadersThatStopEarlyAreNoFailure) {
  const std::string model = EDGESCOPE_SOURCE_DIR "/examples/digits/digits.onnx";
  const Finished done = run("bash", {"-c", "set -o pipefail; for i in 1 2 3; do '" + edgescope_program() +
                                               "' inspect '" + model + "' --format json | true || exit; done"});
  EXPECT_EQ(done.exit, 0);
  EXPECT_EQ(done.err, "");
}

TEST(Program, BashCompletesCommandsFlagsAndWords) {
  const Finished script = run(edgescope_program(), {"completion", "bash"});
  ASSERT_EQ(script.exit, 0) << script.err;
  const auto complete = [&](const std::string& words, int at) {
    return run("bash", {"-c", script.out + "\nCOMP_WORDS=(" + words + ") COMP_CWORD=" + std::to_string(at) +
                                  "; _edgescope; echo \"${COMPREPLY[@]}\""})
        .out;
  };
  EXPECT_EQ(complete("edgescope ins", 1), "inspect\n");
  EXPECT_EQ(complete("edgescope inspect --ten", 2), "--tensors\n");
  EXPECT_EQ(complete("edgescope inspect --format j", 3), "json jsonl\n");
  EXPECT_EQ(complete("edgescope inspect mod", 2), "\n");  // a file: bash's own
  EXPECT_EQ(run(edgescope_program(), {"completion", "tcsh"}).exit, 2);
}

}  // namespace
}  // namespace edgescope::testing_support
