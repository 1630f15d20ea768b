#include "experiment/tune_json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace edgescope::experiment {
namespace {

measure::Measurement measured(double us, std::size_t processes = 5) {
  measure::Measurement m{.on = "x", .valid = true};
  for (std::size_t i = 0; i < processes; ++i)
    m.processes.push_back({.wave = i, .samples_us = {us * (1 + 0.001 * static_cast<double>(i))}});
  return m;
}

TuneResult result(SpeedObjective objective) {
  TuneResult r;
  r.space.knobs = {{.name = "A", .value = "1", .candidates = {{{"A", "2"}}}},
                   {.name = "Z", .why_not = "it is private", .documented = false}};
  r.space.read_only = 3;
  r.space.hints = {{"-hint latency", {{"H", "L"}}}};
  Tuned tuned;
  tuned.finalists = {{{"default", {}}, measured(100), {.interval = {1, 1}}},
                     {{"-hint latency", {{"H", "L"}}}, measured(90), {measure::Verdict::Faster, 0.9, {0.89, 0.91}}},
                     {{"A=2", {{"A", "2"}}}, measured(50), {measure::Verdict::Faster, 0.5, {0.49, 0.51}}}};
  tuned.trials = {{.arm = {"A=2", {{"A", "2"}}}, .rounds = 2, .median_us = 50}, {.arm = {"A=9", {}}, .refused = "no"}};
  tuned.winner = 2;
  r.speed.push_back({objective, std::move(tuned)});
  return r;
}

TEST(TuneJson, ALatency) {
  base::Json document;
  add_tune(document, {.on = "openvino:CPU"}, result(SpeedObjective::Latency));
  EXPECT_EQ(document["properties"]["writable"], 1);
  EXPECT_EQ(document["properties"]["unlisted"], 1);
  EXPECT_EQ(document["properties"]["read_only"], 3);
  const base::Json& objective = document["objectives"][0];
  EXPECT_EQ(objective["winner"], "A=2");
  EXPECT_EQ(base::dump(objective["configuration"]), R"({"CPU":{"A":"2"}})");
  EXPECT_NEAR(objective["finalists"][2]["median_us"].get<double>(), 50, 0.2);
  EXPECT_FALSE(objective["finalists"][0].contains("verdict")) << "the default is not compared with itself";
  EXPECT_EQ(objective["against_hints"].size(), 1u);
  EXPECT_EQ(objective["against_hints"][0]["verdict"], "faster");
  EXPECT_NEAR(objective["against_hints"][0]["ratio"].get<double>(), 50.0 / 90, 0.001);
  EXPECT_EQ(objective["trials"][1]["refused"], "no");
  EXPECT_TRUE(objective["trials"][1]["us"].is_null());
}

TEST(TuneJson, AThroughputIsARate) {
  base::Json document;
  add_tune(document, {.on = "openvino:CPU"}, result(SpeedObjective::Throughput));
  const base::Json& winner = document["objectives"][0]["finalists"][2];
  EXPECT_NEAR(winner["per_second"].get<double>(), 20'000, 60);
  EXPECT_LE(winner["per_second_interval"][0], winner["per_second"]);
  EXPECT_GE(winner["per_second_interval"][1], winner["per_second"]);
  EXPECT_FALSE(winner.contains("median_us"));
}

TEST(TuneJson, WhatACompilerMade) {
  TuneResult r;
  r.compiled = TunedCompile{.trials = {{{"default", {}}, CompiledSize{.stages = 9, .copies = 2}, {}},
                                       {{"S=1", {{"S", "1"}}}, {}, "refused"}}};
  base::Json document;
  add_tune(document, {.on = "ncs2:virtual", .compile = CompileObjective::Copies}, r);
  const base::Json& objective = document["objectives"][0];
  EXPECT_EQ(objective["basis"], "exact");
  EXPECT_EQ(objective["trials"][0]["copies"], 2);
  EXPECT_FALSE(objective["trials"][1].contains("stages"));
  EXPECT_TRUE(winning_settings(r).empty());
}

}  // namespace
}  // namespace edgescope::experiment
