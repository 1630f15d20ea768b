#include "experiment/tune_space.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace edgescope::experiment {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// The words are OpenVINO's, of 2026.4 and 2021.4.
TEST(Options, AreReadFromTheRuntimesComplaint) {
  EXPECT_THAT(options_in("Wrong value edgescope for property key PERF_COUNT. Expected only true/false."),
              ElementsAre("YES", "NO"));
  EXPECT_THAT(options_in("Wrong value edgescopefor property key PERFORMANCE_HINT. Expected only "
                         "ov::hint::PerformanceMode::LATENCY/THROUGHPUT/CUMULATIVE_THROUGHPUT."),
              ElementsAre("LATENCY", "THROUGHPUT", "CUMULATIVE_THROUGHPUT"));
  EXPECT_THAT(options_in("Wrong value edgescope for property key INFERENCE_PRECISION_HINT. Supported values: bf16, "
                         "f16, f32, undefined"),
              ElementsAre("bf16", "f16", "f32", "undefined"));
  EXPECT_THAT(options_in("CPU plugin only support {ov::hint::ModelDistributionPolicy::TENSOR_PARALLEL}"),
              ElementsAre("TENSOR_PARALLEL"));
  EXPECT_THAT(options_in("Wrong value for property key CPU_BIND_THREAD. Expected only YES(binds to cores) / NO(no "
                         "binding) / NUMA(binds "
                         "to NUMA nodes) / HYBRID_AWARE (let the runtime recognize and use the hybrid cores)"),
              ElementsAre("YES", "NO", "NUMA", "HYBRID_AWARE"));
  EXPECT_THAT(
      options_in("Wrong value for property key CPU_THROUGHPUT_STREAMS. Expected only positive numbers (#streams) or "
                 "PluginConfigParams::CPU_THROUGHPUT_NUMA/CPU_THROUGHPUT_AUTO"),
      ElementsAre("CPU_THROUGHPUT_NUMA", "CPU_THROUGHPUT_AUTO"));
  for (const char* none :
       {"", "stoi", "Wrong value for property key X. Expected only non negative integer numbers.",
        "Wrong value for property key X. Expected only >= 0.", "Unsupported value \"edgescope\" for key X"})
    EXPECT_THAT(options_in(none), IsEmpty()) << none;
}

const Knob& knob(const Space& space, const std::string& name) {
  for (const Knob& one : space.knobs)
    if (one.name == name) return one;
  throw std::runtime_error("no " + name);
}

runtime::Properties today() {
  return {.settings = {{"NUM_STREAMS", "1"},
                       {"INFERENCE_NUM_THREADS", "0"},
                       {"PERF_COUNT", "NO"},
                       {"INFERENCE_PRECISION_HINT", "bf16"},
                       {"PERFORMANCE_HINT", "LATENCY"},
                       {"ENABLE_CPU_PINNING", "YES"}},
          .metrics = {{"RANGE_FOR_STREAMS", "1 6"}, {"DEVICE_ID", ""}},
          .words = {{"NUM_STREAMS", "Could not read number of streams from str: edgescope; stoi"},
                    {"INFERENCE_NUM_THREADS", "Expected only non negative integer numbers."},
                    {"PERF_COUNT", "Expected only true/false"},
                    {"INFERENCE_PRECISION_HINT", "Supported values: bf16, f32"},
                    {"PERFORMANCE_HINT",
                     "Expected only ov::hint::PerformanceMode::LATENCY/THROUGHPUT/CUMULATIVE_THROUGHPUT."},
                    {"ENABLE_CPU_PINNING", "Expected only true/false."}}};
}

TEST(Space, TriesWhatTheRuntimeStatesAndMattersForSpeed) {
  const Space space = tuning_space({.on = "openvino:CPU", .cores = 8}, today());
  EXPECT_EQ(space.knobs.size(), 6u);
  EXPECT_EQ(space.read_only, 2u);
  EXPECT_THAT(
      knob(space, "NUM_STREAMS").candidates,
      ElementsAre(Settings{{"NUM_STREAMS", "2"}}, Settings{{"NUM_STREAMS", "4"}}, Settings{{"NUM_STREAMS", "6"}}));
  EXPECT_EQ(knob(space, "NUM_STREAMS").range, "1 to 6");
  EXPECT_EQ(knob(space, "INFERENCE_NUM_THREADS").candidates.size(), 4u) << "1, 2, 4, 8";
  EXPECT_THAT(knob(space, "ENABLE_CPU_PINNING").candidates, ElementsAre(Settings{{"ENABLE_CPU_PINNING", "NO"}}));
  EXPECT_THAT(knob(space, "PERF_COUNT").candidates, IsEmpty());
  EXPECT_THAT(knob(space, "INFERENCE_PRECISION_HINT").candidates, IsEmpty());
  EXPECT_THAT(knob(space, "INFERENCE_PRECISION_HINT").why_not, testing::HasSubstr("changes predictions"));
  EXPECT_EQ(space.hints.size(), 2u);
  EXPECT_EQ(space.hints[1].first, "-hint throughput");
  EXPECT_THAT(knob(space, "PERFORMANCE_HINT").candidates,
              ElementsAre(Settings{{"PERFORMANCE_HINT", "CUMULATIVE_THROUGHPUT"}}));
  for (const Knob& one : space.knobs) EXPECT_NE(one.candidates.empty(), one.why_not.empty()) << one.name;
}

TEST(Space, WhatChangesPredictionsIsTriedWhenAskedFor) {
  const Space space = tuning_space({.on = "openvino:CPU", .cores = 2, .change_predictions = true}, today());
  EXPECT_THAT(knob(space, "INFERENCE_PRECISION_HINT").candidates,
              ElementsAre(Settings{{"INFERENCE_PRECISION_HINT", "f32"}}));
}

TEST(Space, MyriadsResourcesAreSetTogether) {
  const Space space =
      tuning_space({.on = "ncs2:virtual"}, {.settings = {{"MYRIAD_THROUGHPUT_STREAMS", "-1"}, {"CONFIG_FILE", ""}},
                                            .words = {{"MYRIAD_THROUGHPUT_STREAMS", "Invalid value: stoi"}}});
  EXPECT_THAT(knob(space, "MYRIAD_THROUGHPUT_STREAMS").candidates.size(), 3u);
  EXPECT_TRUE(knob(space, "MYRIAD_THROUGHPUT_STREAMS").documented);
  const Knob& slices = knob(space, "MYRIAD_NUMBER_OF_CMX_SLICES");
  EXPECT_FALSE(slices.documented);
  ASSERT_FALSE(slices.candidates.empty());
  for (const Settings& settings : slices.candidates) EXPECT_TRUE(settings.contains("MYRIAD_NUMBER_OF_SHAVES"));
  EXPECT_TRUE(space.hints.empty());
}

TEST(Space, ARuntimeWithoutSettingsHasThreads) {
  const Space space = tuning_space({.on = "tflite", .cores = 4}, {});
  EXPECT_THAT(knob(space, "threads").candidates, ElementsAre(Settings{{"threads", "2"}}, Settings{{"threads", "4"}}));
  EXPECT_THAT(knob(space, "kernels").candidates, ElementsAre(Settings{{"kernels", "xnnpack"}}));
  EXPECT_FALSE(knob(tuning_space({.on = "litert", .cores = 1}, {}), "threads").why_not.empty());
}

}  // namespace
}  // namespace edgescope::experiment
