// `edgescope bench` as its users run it. What needs no vendor software runs on the session that does nothing.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/json.h"
#include "support/run.h"

namespace edgescope::testing_support {
namespace {

using base::Json;
using ::testing::HasSubstr;

const std::string kNetwork = EDGESCOPE_SOURCE_DIR "/examples/digits/digits_int8.tflite";

Finished bench(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), "bench");
  return run(edgescope_program(), arguments, {.limit_seconds = 100});
}

TEST(Bench, JsonHasTheContractsMembers) {
  const Finished done = bench({kNetwork, "--on", "null", "--time-limit", "1", "--processes", "2", "--format", "json"});
  ASSERT_EQ(done.exit, 0) << done.err;
  EXPECT_EQ(done.err, "") << "progress is for terminals";
  const Json json = Json::parse(done.out, nullptr, false);
  ASSERT_TRUE(json.is_object());
  EXPECT_EQ(json["command"], "bench");
  EXPECT_EQ(json["input"], kNetwork);
  const Json& run = json["runs"][0];
  EXPECT_EQ(run["on"], "null");
  EXPECT_EQ(run["valid"].get<bool>(), run["reason"].is_null());
  EXPECT_EQ(run["interval_us"].size(), 2u);
  EXPECT_LE(run["min_us"], run["median_us"]);
  EXPECT_GE(run["processes"], 2);
  EXPECT_EQ(run["statistics"]["count"], run["samples"]);
  EXPECT_LT(json["harness"]["overhead_us"], 1.0);
  EXPECT_GT(json["environment"]["logical_cores"], 0);
}

TEST(Bench, EverySampleWhereAskedFor) {
  const Finished done =
      bench({kNetwork, "--on", "null", "--time-limit", "1", "--processes", "2", "--samples", "--format", "json"});
  ASSERT_EQ(done.exit, 0) << done.err;
  std::size_t samples = 0;
  const Json json = Json::parse(done.out, nullptr, false);
  for (const Json& process : json["runs"][0]["process_runs"]) samples += process["samples_us"].size();
  EXPECT_EQ(samples, json["runs"][0]["samples"]);
}

TEST(Bench, OneRuntimeMissingIsARunThatIsNotValid) {
  const Finished done = bench({kNetwork, "--on", "null,litert", "--runtime-library", "litert=/nonexistent",
                               "--time-limit", "1", "--processes", "2", "--format", "json"});
  ASSERT_EQ(done.exit, 0) << done.err;
  const Json json = Json::parse(done.out, nullptr, false);
  EXPECT_EQ(json["runs"][1]["on"], "litert");
  EXPECT_EQ(json["runs"][1]["valid"], false);
  EXPECT_THAT(json["runs"][1]["reason"].get<std::string>(), HasSubstr("libLiteRt.so"));
  EXPECT_FALSE(json["runs"][1].contains("median_us"));
}

TEST(Bench, ExitCodes) {
  const Finished missing = bench({kNetwork, "--on", "litert", "--runtime-library", "litert=/nonexistent"});
  EXPECT_EQ(missing.exit, 4);
  EXPECT_EQ(missing.out, "");
  EXPECT_THAT(missing.err, HasSubstr("make runtimes"));
  EXPECT_EQ(bench({kNetwork, "--on", "no-such-runtime"}).exit, 2);
  EXPECT_EQ(bench({kNetwork, "--runtime-library", "litert"}).exit, 2);
  EXPECT_EQ(bench({kNetwork, "--processes", "1"}).exit, 2) << "one process has no interval";
  EXPECT_EQ(bench({"/nonexistent.tflite", "--on", "null"}).exit, 3);
}

// The signal comes with the first word of progress. `ps` of the process group would race, but a worker that
// lived on would hold the pipes open and run() would not come back.
TEST(Bench, CtrlCStopsItWithItsWorkers) {
  const Finished done =
      run(edgescope_program(),
          {"bench", kNetwork, "--on", "null", "--progress", "always", "--time-limit", "1000", "--processes", "40"},
          {.interrupt = true});
  EXPECT_EQ(done.exit, 130);
  EXPECT_EQ(done.out, "");
  EXPECT_LT(done.seconds, 20);
}

TEST(Bench, ThroughputOfSeveralWorkers) {
  const Finished done =
      bench({kNetwork, "--on", "null", "--workers", "2", "--time-limit", "1", "--processes", "2", "--format", "json"});
  ASSERT_EQ(done.exit, 0) << done.err;
  const Json json = Json::parse(done.out, nullptr, false);
  EXPECT_EQ(json["runs"][0]["workers"], 2);
  EXPECT_GT(json["runs"][0]["per_second"], 0);
}

TEST(Bench, InstalledRuntimesAreTheDefault) {
  const Finished done = bench({kNetwork, "--time-limit", "2", "--processes", "2", "--profile", "--format", "json"});
  if (done.exit == 4) GTEST_SKIP() << done.err;
  ASSERT_EQ(done.exit, 0) << done.err;
  const Json json = Json::parse(done.out, nullptr, false);
  for (const Json& run : json["runs"]) {
    EXPECT_NE(run["on"], "null");
    ASSERT_TRUE(run.contains("median_us")) << run.dump();
    EXPECT_FALSE(run["runtime"]["version"].get<std::string>().empty());
    EXPECT_FALSE(run["runtime"]["kernels"].get<std::string>().empty());
    EXPECT_EQ(run["runtime"]["threads"], 1);
  }
  EXPECT_EQ(json["comparison"]["against_fastest"].size() + 1, json["runs"].size());
}

}  // namespace
}  // namespace edgescope::testing_support
