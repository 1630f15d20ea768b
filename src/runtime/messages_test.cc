#include "runtime/messages.h"

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstdio>

namespace edgescope::runtime {
namespace {

TEST(Messages, NameTheOperatorThatARuntimeLacks) {
  const auto error =
      runtime_error("litert", "cannot prepare the model", "m.tflite",
                    "INFO: created\nERROR: Encountered unresolved custom op: TFLite_Detection_PostProcess.\nSee ...\n");
  EXPECT_EQ(error.fault, base::Fault::runtime);
  EXPECT_EQ(error.node, "TFLite_Detection_PostProcess");
  EXPECT_EQ(error.what, "litert does not have the operator TFLite_Detection_PostProcess");
  EXPECT_FALSE(error.remedy.empty());
  EXPECT_EQ(runtime_error("x", "", "", "Encountered unresolved custom op: edgetpu-custom-op.\n").node,
            "edgetpu-custom-op");
}

TEST(Messages, KeepTheErrorsOfALog) {
  const auto error =
      runtime_error("litert", "cannot read the model", "m.tflite",
                    "INFO: [a.cc:1] hello\nERROR: [model.cc:316] Variable tensors not yet supported\nERROR: second\n");
  EXPECT_EQ(error.what, "litert cannot read the model: \"Variable tensors not yet supported; second\"");
  EXPECT_EQ(runtime_error("x", "fails", "m", "all\n  of it. \n").what, "x fails: \"all of it\"");
  EXPECT_EQ(runtime_error("x", "fails", "m", "").what, "x fails");
  EXPECT_EQ(
      runtime_error("x", "fails", "m", "Exception from src/core.cpp:117:\nException from b.cpp:7:\nno such device")
          .what,
      "x fails: \"no such device\"");
  const std::string what = runtime_error("x", "fails", "m", std::string(10000, 'y')).what;
  EXPECT_LT(what.size(), 700u);
}

TEST(Messages, ReadBackWhatWasWrittenToStderr) {
  const int file = memfd_create("stderr", 0), saved = dup(STDERR_FILENO);
  ASSERT_GE(file, 0);
  dup2(file, STDERR_FILENO);
  std::fputs("before\n", stderr);
  const StderrSince since;
  std::fputs("after\n", stderr);
  const std::string text = since.text();
  dup2(saved, STDERR_FILENO);
  EXPECT_EQ(text, "after\n");
}

}  // namespace
}  // namespace edgescope::runtime
