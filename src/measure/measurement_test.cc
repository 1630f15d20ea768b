#include "measure/measurement.h"

#include <gtest/gtest.h>

#include <numeric>

namespace edgescope::measure {
namespace {

Measurement two_processes() {
  Measurement m{.on = "litert", .valid = true};
  m.loaded = runtime::Loaded{.version = "2.3.0", .kernels = "xnnpack", .precision = "as in the model", .threads = 2};
  m.processes.push_back(
      {.wave = 0, .load_us = 5000, .first_us = 900, .samples_us = {100, 101, 102, 99, 98}, .per_second = 9900});
  m.processes.push_back(
      {.wave = 2, .load_us = 7000, .first_us = 1100, .samples_us = {110, 111, 112, 109, 108}, .per_second = 9000});
  return m;
}

TEST(Measurement, TheFigureIsTheMedianOfProcessMedians) {
  const Measurement m = two_processes();
  EXPECT_DOUBLE_EQ(m.median_us(), 105);
  EXPECT_EQ(m.process_medians(), (std::vector<double>{100, 110}));
  EXPECT_EQ(m.statistics().count, 10u);
}

TEST(Measurement, JsonFollowsTheContract) {
  const base::Json json = to_json(two_processes(), false);
  EXPECT_EQ(json["on"], "litert");
  EXPECT_EQ(json["valid"], true);
  EXPECT_TRUE(json["reason"].is_null());
  EXPECT_EQ(json["basis"], "measured");
  EXPECT_EQ(json["median_us"], 105.0);
  EXPECT_EQ(json["interval_us"].size(), 2u);
  EXPECT_EQ(json["min_us"], 98.0);
  EXPECT_EQ(json["processes"], 2);
  EXPECT_EQ(json["samples"], 10);
  EXPECT_EQ(json["load_us"], 6000.0);
  EXPECT_EQ(json["first_us"], 1000.0);
  EXPECT_EQ(json["runtime"]["kernels"], "xnnpack");
  EXPECT_EQ(json["runtime"]["threads"], 2);
  EXPECT_EQ(json["statistics"]["median_us"], 105.0);
  EXPECT_FALSE(json["process_runs"][0].contains("samples_us"));
  EXPECT_EQ(to_json(two_processes(), true)["process_runs"][1]["samples_us"].size(), 5u);
}

TEST(Measurement, WithoutProcessesOnlyTheReasonRemains) {
  const base::Json json = to_json({.on = "tflite", .reason = "no library"}, true);
  EXPECT_EQ(json["valid"], false);
  EXPECT_EQ(json["reason"], "no library");
  EXPECT_FALSE(json.contains("median_us"));
}

TEST(Measurement, OneProcessHasNoInterval) {
  Measurement m = two_processes();
  m.processes.pop_back();
  EXPECT_TRUE(to_json(m, false)["interval_us"].is_null());
}

TEST(Measurement, ComparesCommonWavesOnly) {
  Measurement a = two_processes(), b = two_processes();
  b.processes[0].wave = 1;
  EXPECT_EQ(compare_waves(a, b).verdict, Verdict::NoDifference);
  EXPECT_DOUBLE_EQ(compare_waves(a, b).ratio, 1) << "both have wave 2";
}

TEST(Measurement, WhatASimulatedStickCountsIsExactAndHasNoTimes) {
  Measurement m{.on = "edgetpu:virtual", .valid = true};
  m.usb = UsbCount{.firmware_bytes = 10783,
                   .models = {{.model = "m",
                               .first = {.parameters = 9},
                               .later = {.input = 4},
                               .inferences = 3,
                               .ledger = {.per_inference = {.input = 5}}}}};
  const base::Json json = to_json(m, false);
  EXPECT_EQ(json["basis"], "exact");
  EXPECT_FALSE(json.contains("median_us"));
  EXPECT_EQ(json["usb"]["firmware_bytes"], 10783);
  const base::Json& model = json["usb"]["models"][0];
  EXPECT_EQ(model["first_inference"]["parameters"], 9);
  EXPECT_EQ(model["per_inference"]["input"], 4);
  EXPECT_EQ(model["ledger"]["per_inference"]["input"], 5);
  EXPECT_EQ(model["equals_ledger"], false);
}

std::size_t total(const base::Json& json) {
  std::size_t sum = json["above"];
  for (const auto& count : json["counts"]) sum += count.get<std::size_t>();
  return sum;
}

TEST(Distribution, HasEverySampleAndIsSmall) {
  std::vector<double> series(10000);
  for (std::size_t i = 0; i < series.size(); ++i) series[i] = 100 + static_cast<double>(i % 977) * 0.01;
  series[5] = 1e6;
  const base::Json json = distribution({series, series});
  EXPECT_EQ(total(json), 20000u);
  EXPECT_LE(json["counts"].size(), 60u);
  EXPECT_GT(json["counts"].size(), 10u);
  EXPECT_LT(json["width_us"].get<double>(), 5) << "one outlier does not stretch the bins";
}

TEST(Distribution, OfEqualSamples) {
  const base::Json json = distribution({{5, 5, 5}});
  EXPECT_EQ(total(json), 3u);
  EXPECT_EQ(json["counts"].size(), 1u);
  EXPECT_TRUE(distribution({}).is_null());
}

}  // namespace
}  // namespace edgescope::measure
