// edgescope tune: what a runtime lets be set, what was tried, and a gain only where one is shown. No speed is asserted.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "base/json.h"
#include "runtime/catalog.h"
#include "support/run.h"
#include "support/scratch.h"

namespace edgescope::testing_support {
namespace {

using base::Json;
using testing::HasSubstr;

const std::string kDigits = EDGESCOPE_SOURCE_DIR "/examples/digits/digits";

Finished tune(std::vector<std::string> arguments, RunOptions options = {}) {
  arguments.insert(arguments.begin(), "tune");
  options.limit_seconds = 110;
  return run(edgescope_program(), arguments, options);
}

Json document_of(const Finished& done) {
  EXPECT_EQ(done.exit, 0) << done.err;
  auto document = base::parse_json(done.out, "stdout");
  EXPECT_TRUE(document);
  return document.value_or(Json());
}

Json file(const std::filesystem::path& path) {
  std::ifstream in(path);
  std::ostringstream text;
  text << in.rdbuf();
  return base::parse_json(text.str(), path).value_or(Json());
}

#define RUNTIME_OR_SKIP(name) \
  if (const auto found = runtime::find(name); !found) GTEST_SKIP() << found.error().message()

TEST(Tune, OpenVinoListsItsSettingsAndIsComparedWithItsHints) {
  RUNTIME_OR_SKIP("openvino:CPU");
  const Scratch scratch;
  const Json document =
      document_of(tune({kDigits + "_float.tflite", "--on", "openvino:CPU", "--objective", "throughput", "--time-limit",
                        "3", "--format", "json", "-o", scratch / "config.json"}));
#if defined(__x86_64__)  // elsewhere the plugin has others
  EXPECT_EQ(document["properties"]["writable"], 25);
  EXPECT_EQ(document["properties"]["read_only"], 11);
#endif
  for (const Json& setting : document["properties"]["settings"]) {
    EXPECT_NE(setting["tried"].empty(), setting["why_not"].is_null()) << setting["name"];
    if (setting["name"] == "SCHEDULING_CORE_TYPE") {
      EXPECT_EQ(setting["options"], Json::array({"ANY_CORE", "PCORE_ONLY", "ECORE_ONLY"})) << "in its own words";
    }
  }
  ASSERT_EQ(document["objectives"].size(), 1u);
  const Json& objective = document["objectives"][0];
  const Json& finalists = objective["finalists"];
  ASSERT_GE(finalists.size(), 3u);
  EXPECT_EQ(finalists[0]["name"], "default");
  EXPECT_EQ(finalists[1]["name"], "-hint latency");
  EXPECT_EQ(finalists[2]["name"], "-hint throughput");
  EXPECT_EQ(objective["against_hints"].size(), 2u);
  // A gain is what its interval shows, and nothing else.
  for (const Json& one : finalists) {
    EXPECT_GT(one["per_second"], 0) << one;
    if (one["name"] != objective["winner"] || one["name"] == "default") continue;
    EXPECT_EQ(one["verdict"], "faster");
    EXPECT_LT(one["ratio_interval"][1], 1);
  }
  EXPECT_EQ(objective["gain_shown"].get<bool>(), objective["winner"] != "default");
  EXPECT_EQ(file(scratch / "config.json"), objective["configuration"]);
  EXPECT_TRUE(objective["configuration"].contains("CPU"));
}

TEST(Tune, TheRuntimeOf2021ListsNineAndMyriadFifteen) {
  RUNTIME_OR_SKIP("ncs2:virtual");
  const Json cpu = document_of(tune(
      {kDigits + ".onnx", "--on", "ie2021:CPU", "--objective", "latency", "--time-limit", "2", "--format", "json"}));
  EXPECT_EQ(cpu["properties"]["writable"], 9);
  EXPECT_EQ(cpu["properties"]["unlisted"], 0);
  EXPECT_TRUE(cpu["objectives"][0]["against_hints"].empty());
  const Scratch scratch;
  const Json myriad = document_of(tune({kDigits + ".onnx", "--on", "ncs2:virtual", "--objective", "copies", "--format",
                                        "json", "-o", scratch / "c.json"}));
  EXPECT_EQ(myriad["properties"]["writable"], 15);
  EXPECT_EQ(myriad["properties"]["unlisted"], 11);
  const Json& objective = myriad["objectives"][0];
  EXPECT_EQ(objective["basis"], "exact");
  EXPECT_EQ(objective["objective"], "copies");
  const Json& trials = objective["trials"];
  EXPECT_EQ(trials[0]["name"], "default");
  std::uint64_t least = trials[0]["copies"];
  for (const Json& trial : trials) {
    EXPECT_NE(trial.contains("stages"), !trial["refused"].is_null()) << trial;
    EXPECT_EQ(trial["settings"].contains("MYRIAD_NUMBER_OF_SHAVES"),
              trial["settings"].contains("MYRIAD_NUMBER_OF_CMX_SLICES"));
    if (trial.contains("copies")) least = std::min<std::uint64_t>(least, trial["copies"]);
  }
  for (const Json& trial : trials)
    if (trial["name"] == objective["winner"]) {
      EXPECT_EQ(trial["copies"], least);
    }
  EXPECT_TRUE(file(scratch / "c.json").contains("MYRIAD"));
}

TEST(Tune, TheVendorsBenchmarkReadsTheConfiguration) {
  const std::string program = EDGESCOPE_SOURCE_DIR "/.venv-mo/bin/benchmark_app";
  if (!std::filesystem::exists(program)) GTEST_SKIP() << "`scripts/setup.sh venv mo` brings benchmark_app";
  const Scratch scratch;
  std::ofstream(scratch / "config.json") << R"({"CPU": {"NUM_STREAMS": "2", "ENABLE_CPU_PINNING": "NO"}})";
  const Finished done = run(program, {"-m", kDigits + ".xml", "-d", "CPU", "-hint", "none", "-niter", "4",
                                      "-load_config", scratch / "config.json"});
  EXPECT_EQ(done.exit, 0) << done.out << done.err;
  EXPECT_THAT(done.out, HasSubstr("NUM_STREAMS: 2"));
}

TEST(Tune, UsageThatMakesNoSense) {
  for (const std::vector<std::string>& arguments :
       {std::vector<std::string>{kDigits + ".onnx"},
        {kDigits + ".onnx", "--on", "nothing"},
        {kDigits + "_int8.tflite", "--on", "edgetpu:virtual", "--runtime-library", "edgetpu=/proc/self/exe"},
        {kDigits + ".onnx", "--on", "openvino:CPU", "--objective", "copies"},
        {kDigits + ".onnx", "--on", "openvino:CPU", "-o", "/dev/null"}}) {
    const Finished done = tune(arguments);
    EXPECT_EQ(done.exit, 2) << done.err;
  }
  EXPECT_EQ(tune({"/nonexistent.onnx", "--on", "openvino:CPU"}).exit, 3);
  EXPECT_EQ(tune({kDigits + ".onnx", "--on", "openvino:CPU", "--runtimes", "/nonexistent"}).exit, 4);
  EXPECT_EQ(tune({kDigits + ".onnx", "--on", "litert"}).exit, 4) << "it reads TFLite only";
}

TEST(Tune, CanBeInterrupted) {
  RUNTIME_OR_SKIP("openvino:CPU");
  const Finished done =
      tune({kDigits + "_float.tflite", "--on", "openvino:CPU", "--time-limit", "100", "--progress", "always"},
           {.interrupt = true});
  EXPECT_EQ(done.exit, 130) << done.err;
}

}  // namespace
}  // namespace edgescope::testing_support
