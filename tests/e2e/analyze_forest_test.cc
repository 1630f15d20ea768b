// `edgescope analyze FOREST` as its users run it: every program on every target, and what to take.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>

#include "base/json.h"
#include "runtime/catalog.h"
#include "support/run.h"
#include "support/scratch.h"

namespace edgescope::testing_support {
namespace {

using base::Json;
using ::testing::HasSubstr;

const std::string kWine = EDGESCOPE_SOURCE_DIR "/examples/forests/wine.ubj";

Finished analyze(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), "analyze");
  return run(edgescope_program(), arguments, {.limit_seconds = 150});
}

std::vector<Json> programs(const Json& document, const std::string& target, const std::string& strategy) {
  std::vector<Json> list;
  for (const Json& one : document["programs"])
    if (one["target"] == target && one["strategy"] == strategy) list.push_back(one);
  return list;
}

TEST(AnalyzeForest, EveryProgramOnEveryTargetAndWhatToTake) {
  if (!runtime::find("litert")) GTEST_SKIP() << "LiteRT is not installed: run `make runtimes`";
  const Scratch folder;
  const std::string page = (folder / "report.html").string(), fixed = (folder / "fixed").string();
  const Finished done = analyze({kWine, "--on", "litert", "--quick", "--time-limit", "0.3", "--batch", "50", "--html",
                                 page, "--fixed", fixed, "--format", "json"});
  ASSERT_EQ(done.exit, 0) << done.err;
  const Json json = Json::parse(done.out, nullptr, false);
  ASSERT_TRUE(json.is_object());

  for (const char* strategy : {"exact", "ptt", "tt", "gemm"}) {
    EXPECT_EQ(programs(json, "cpu", strategy).size(), 2u) << strategy;
    for (const Json& one : programs(json, "edgetpu", strategy)) {
      EXPECT_EQ(one["runs"], std::string(strategy) == "exact") << one;
      const std::string reason = one["runs"] == true ? "" : one["reason"].get<std::string>();
      EXPECT_EQ(reason.find("in floats") != std::string::npos, one["runs"] == false) << reason;
    }
    for (const Json& one : programs(json, "ncs2", strategy)) {
      EXPECT_EQ(one["basis"], "predicted") << one;
      EXPECT_EQ(one["fits"], true);
    }
  }
  for (const Json& one : programs(json, "cpu", "exact")) {
    ASSERT_EQ(one["basis"], "measured") << one;
    // A row's time is the run's and the host's, shared.
    const double batch = one["batch"].get<double>(), host = one["host_us"].get<double>();
    EXPECT_GT(host, 0);
    EXPECT_NEAR(one["row_us"][0].get<double>(), (one["interval_us"][0].get<double>() + host) / batch, 1e-9);
    EXPECT_GT(one["parameter_bytes"], 1000);
  }
  const Json edgetpu = programs(json, "edgetpu", "exact").front();
  EXPECT_EQ(edgetpu["fits"], true);
  EXPECT_GT(edgetpu["interval_us"][0], 200) << "the floor of a call over USB";

  ASSERT_EQ(json["verdicts"].size(), 2u);
  std::set<std::string> files;
  for (const Json& verdict : json["verdicts"]) {
    files.insert(verdict["file"].get<std::string>());
    for (const Json& rival : verdict["rivals"]) files.insert(rival["file"].get<std::string>());
  }
  EXPECT_GE(files.size(), 6u) << "of both sizes one for each device";
  for (const std::string& file : files) EXPECT_TRUE(std::filesystem::exists(file)) << file;
  // One row at a time costs a stick its floor, and this forest a CPU a few microseconds.
  EXPECT_EQ(json["verdicts"][0]["device"], "cpu");
  for (const Json& rival : json["verdicts"][0]["rivals"]) EXPECT_EQ(rival["verdict"], "slower") << rival;

  bool exact = false;
  for (const Json& run : json["exactness"]["runs"])
    if (run["strategy"] == "exact") {
      exact = true;
      EXPECT_EQ(run["leaf_mismatches"], 0) << run;
      EXPECT_GT(run["leaves"], 10000);
    }
  EXPECT_TRUE(exact);

  std::string points;
  for (const Json& point : json["summary"]["points"]) points += point.get<std::string>() + "\n";
  EXPECT_THAT(json["summary"]["headline"].get<std::string>(), HasSubstr("Take the CPU"));
  EXPECT_THAT(points, HasSubstr("native tree kernel"));
  EXPECT_THAT(points, HasSubstr("The Edge TPU cannot do more than"));
  EXPECT_THAT(points, HasSubstr("no leaf differs"));

  std::ifstream file(page);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  EXPECT_THAT(text, HasSubstr("edgescope-document"));
  // What it wrote is a program that the Edge TPU's rules take whole.
  for (const std::string& written : files)
    if (written.ends_with("edgetpu_1.tflite")) {
      EXPECT_EQ(run(edgescope_program(), {"check", written, "--target", "edgetpu"}).exit, 0);
    }
}

TEST(AnalyzeForest, WithoutRuntimesThePredictionsAreStillThereWithTheRemedy) {
  const Scratch folder;
  const Finished done = analyze({kWine, "--runtimes", folder.path().string(), "--quick"});
  EXPECT_EQ(done.exit, 0) << done.err;
  EXPECT_THAT(done.out, HasSubstr("make runtimes"));
  EXPECT_THAT(done.out, HasSubstr("Every program on every target"));
}

TEST(AnalyzeForest, OnnxEnsemblesAreForestsToo) {
  const Scratch folder;
  const Finished done = analyze({EDGESCOPE_SOURCE_DIR "/tests/data/onnx_trees/sklearn_rf_words.onnx", "--runtimes",
                                 folder.path().string(), "--quick", "--format", "json"});
  ASSERT_EQ(done.exit, 0) << done.err;
  EXPECT_EQ(Json::parse(done.out)["forest"]["format"], "onnx");
}

TEST(AnalyzeForest, ExitCodes) {
  const Scratch folder;
  EXPECT_EQ(analyze({kWine, "--on", "litert", "--runtimes", folder.path().string()}).exit, 4);
  EXPECT_EQ(analyze({kWine, "--on", "no-such-runtime"}).exit, 2);
  EXPECT_EQ(analyze({kWine, "--batch", "1"}).exit, 2);
  EXPECT_EQ(analyze({EDGESCOPE_SOURCE_DIR "/tests/data/onnx_trees/refused_log.onnx"}).exit, 3);
}

}  // namespace
}  // namespace edgescope::testing_support
