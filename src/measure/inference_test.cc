#include "measure/inference.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <cstdlib>

#include "support/reference.h"

namespace edgescope::measure {
namespace {

class Predictions : public testing::TestWithParam<std::string> {};

// The four runtimes are four implementations of one quantised network: the same seed gives them the
// same inputs, and their answers are at most a few quantisation steps apart.
TEST_P(Predictions, PredictsWhatTheBuiltInKernelsPredict) {
  const auto found = runtime::find(GetParam());
  if (!found) GTEST_SKIP() << found.error().message();
  const auto reference_runtime = runtime::find("tflite");
  if (!reference_runtime) GTEST_SKIP() << reference_runtime.error().message();
  EDGESCOPE_MODEL_OR_SKIP(model, "cpu/mobilenet_v1_0.25_128_quant.tflite");
  auto reference = infer({.runtime = *reference_runtime, .model = model, .rows = 4, .seed = 7});
  ASSERT_TRUE(reference) << reference.error().message();
  auto inference = infer({.runtime = *found, .model = model, .rows = 4, .seed = 7});
  ASSERT_TRUE(inference) << inference.error().message();
  const auto& expected = reference->outputs.at(0);
  const auto& actual = inference->outputs.at(0);
  ASSERT_EQ(actual.size(), expected.size());
  int worst = 0, largest = 0;
  for (std::size_t i = 0; i < actual.size(); ++i) {
    worst = std::max(worst, std::abs(std::to_integer<int>(actual[i]) - std::to_integer<int>(expected[i])));
    largest = std::max(largest, std::to_integer<int>(expected[i]));
  }
  EXPECT_GT(largest, 10) << "the answer must say something";
  EXPECT_LE(worst, 16);
}

INSTANTIATE_TEST_SUITE_P(All, Predictions, testing::Values("litert", "tflite+xnnpack", "openvino:CPU"),
                         [](const auto& parameter) {
                           std::string name = parameter.param;
                           std::replace_if(
                               name.begin(), name.end(), [](char c) { return !std::isalnum(c); }, '_');
                           return name;
                         });

TEST(Inference, ErrorsNameTheModel) {
  const auto inference =
      infer({.runtime = *runtime::find("null"), .model = "m.tflite", .properties = {{"inputs", "x"}}});
  ASSERT_FALSE(inference);
  EXPECT_EQ(inference.error().file, "m.tflite");
}

}  // namespace
}  // namespace edgescope::measure
