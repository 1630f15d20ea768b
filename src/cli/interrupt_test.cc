#include "cli/interrupt.h"

#include <gtest/gtest.h>

#include <csignal>

namespace edgescope::cli {
namespace {

TEST(Interrupt, IsRememberedOnceAndForgottenByTheNext) {
  {
    const Interrupt interrupt;
    EXPECT_FALSE(Interrupt::pending());
    std::raise(SIGINT);
    EXPECT_TRUE(Interrupt::pending());
  }
  const Interrupt next;
  EXPECT_FALSE(Interrupt::pending());
}

TEST(InterruptDeathTest, TheSecondEndsTheProgram) {
  EXPECT_EXIT(
      {
        const Interrupt interrupt;
        std::raise(SIGINT);
        std::raise(SIGINT);
      },
      testing::KilledBySignal(SIGINT), "");
}

}  // namespace
}  // namespace edgescope::cli
