#include "analysis/compiler_log_json.h"

#include <gtest/gtest.h>

namespace edgescope::analysis {
namespace {

TEST(CompilerLogJson, AbsentFiguresAreNull) {
  const base::Json list = compiler_log_json(
      "Edge TPU Compiler version 2.0.267685300\nInput model: a.tflite\n"
      "On-chip memory available for caching model parameters: 6.25MiB\nOperator Count Status\nADD 2 Mapped to Edge "
      "TPU\n");
  ASSERT_EQ(list.size(), 1u);
  EXPECT_EQ(list[0]["on_chip_available"], 6553600);
  EXPECT_TRUE(list[0]["on_chip_remaining"].is_null());
  EXPECT_EQ(list[0]["rows"].dump(), R"([["ADD",2,"Mapped to Edge TPU"]])");
}

}  // namespace
}  // namespace edgescope::analysis
