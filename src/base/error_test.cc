#include "base/error.h"

#include <gtest/gtest.h>

namespace edgescope::base {
namespace {

TEST(Error, MessageSaysWhereAndWhatToDo) {
  Error error{.fault = Fault::input,
              .what = "tensor 3 points outside the file",
              .file = "m.tflite",
              .offset = 12,
              .node = "conv1",
              .remedy = "Convert the model again"};
  EXPECT_EQ(error.message(),
            "m.tflite: at byte 12: tensor 3 points outside the file (in `conv1`). Convert the model again");
  EXPECT_EQ(Error{.what = "no such thing"}.message(), "no such thing");
}

TEST(Error, ExitCodesFollowTheContract) {
  EXPECT_EQ(exit_code(Fault::usage), 2);
  EXPECT_EQ(exit_code(Fault::input), 3);
  EXPECT_EQ(exit_code(Fault::missing), 4);
  EXPECT_EQ(exit_code(Fault::interrupted), 130);
  EXPECT_EQ(exit_code(Fault::runtime), 70);
}

Result<int> half(int n) {
  if (n % 2 != 0) return fail({.fault = Fault::usage, .what = "odd"});
  return n / 2;
}

Result<int> quarter(int n) {
  EDGESCOPE_TRY(h, half(n));
  return half(h);
}

TEST(Error, TryHandsTheErrorUp) {
  EXPECT_EQ(*quarter(8), 2);
  EXPECT_EQ(quarter(6).error().what, "odd");
}

}  // namespace
}  // namespace edgescope::base
