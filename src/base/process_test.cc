#include "base/process.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <cstdlib>

namespace edgescope::base {
namespace {

void wait_for(Process& process) {
  while (!process.gone()) usleep(1000);
}

TEST(Process, EndsWithItsCodeOrItsSignal) {
  auto process = Process::start({.program = "/bin/sh", .arguments = {"-c", "exit 3"}});
  ASSERT_TRUE(process) << process.error().message();
  wait_for(*process);
  EXPECT_FALSE(process->alive());
  EXPECT_EQ(process->exit_code(), 3);
  EXPECT_EQ(process->how_it_ended(), "ended with exit code 3");

  auto killed = Process::start({.program = "/bin/sh", .arguments = {"-c", "kill -SEGV $$"}});
  ASSERT_TRUE(killed);
  wait_for(*killed);
  EXPECT_FALSE(killed->exit_code());
  EXPECT_EQ(killed->how_it_ended(), "crashed with SIGSEGV (Segmentation fault)");
}

TEST(Process, GetsItsEnvironmentAndFolderOnly) {
  ASSERT_EQ(setenv("EDGESCOPE_NOT_INHERITED", "1", 1), 0);
  auto process = Process::start(
      {.program = "/bin/sh",
       .arguments = {"-c", "test \"$PWD$ONE$EDGESCOPE_NOT_INHERITED\" = /proc1 && test ! -t 0 && test ! -s /dev/stdin"},
       .environment = {{"ONE", "1"}},
       .folder = "/proc"});
  ASSERT_TRUE(process);
  wait_for(*process);
  EXPECT_EQ(process->exit_code(), 0);
}

TEST(Process, TakesItsGroupAlong) {
  int pipe_ends[2];
  ASSERT_EQ(pipe(pipe_ends), 0);
  {
    auto process = Process::start({.program = "/bin/sh",
                                   .arguments = {"-c", "sleep 100 & wait"},
                                   .environment = plain_environment(),
                                   .out = pipe_ends[1]});
    ASSERT_TRUE(process);
    EXPECT_GT(process->resident_bytes(), 0u);
  }
  close(pipe_ends[1]);
  char byte;
  EXPECT_EQ(read(pipe_ends[0], &byte, 1), 0) << "the grandchild still holds the pipe";
  close(pipe_ends[0]);
}

TEST(Process, WhatIsNoProgramIsMissing) {
  const auto process = Process::start({.program = "/nonexistent"});
  ASSERT_FALSE(process);
  EXPECT_EQ(process.error().fault, Fault::missing);
}

}  // namespace
}  // namespace edgescope::base
