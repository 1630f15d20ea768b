#include "experiment/tune_runtime.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace edgescope::experiment {
namespace {

TEST(Configuration, IsInTheRuntimesOwnFormat) {
  EXPECT_EQ(base::dump(configuration("openvino:CPU", {{"NUM_STREAMS", "2"}, {"PERFORMANCE_HINT", "THROUGHPUT"}})),
            R"({"CPU":{"NUM_STREAMS":"2","PERFORMANCE_HINT":"THROUGHPUT"}})");
  EXPECT_EQ(base::dump(configuration("ncs2:virtual", {{"MYRIAD_COPY_OPTIMIZATION", "NO"}})),
            R"({"MYRIAD":{"MYRIAD_COPY_OPTIMIZATION":"NO"}})");
  EXPECT_EQ(base::dump(configuration("ie2021:MYRIAD", {})), R"({"MYRIAD":{}})");
  EXPECT_EQ(base::dump(configuration("litert", {{"threads", "2"}})), R"({"litert":{"threads":"2"}})");
}

TEST(TuneRuntime, WhatCannotBeTunedSaysWhy) {
  const TuneRequest request{.model = "m", .format = graph::Format::TfLite, .on = "null"};
  const auto nothing = tune(request, measure::system_hooks());
  ASSERT_FALSE(nothing);
  EXPECT_EQ(nothing.error().fault, base::Fault::usage);
}

// A throughput measured with several requests in flight, by the runtime itself.
TEST(TuneRuntime, LatencyAndThroughputAreBothMeasured) {
  const auto found = runtime::find("openvino:CPU");
  if (!found) GTEST_SKIP() << found.error().message();
  const auto result = tune({.model = EDGESCOPE_SOURCE_DIR "/examples/digits/digits_float.tflite",
                            .format = graph::Format::TfLite,
                            .on = "openvino:CPU",
                            .plan = {.seconds = 1}},
                           measure::system_hooks());
  ASSERT_TRUE(result) << result.error().message();
  ASSERT_EQ(result->speed.size(), 2u);
  EXPECT_EQ(result->speed[0].objective, SpeedObjective::Latency);
  EXPECT_EQ(result->speed[1].objective, SpeedObjective::Throughput);
  for (const SpeedResult& one : result->speed) EXPECT_GT(one.tuned.finalists.front().measurement.median_us(), 0);
}

}  // namespace
}  // namespace edgescope::experiment
