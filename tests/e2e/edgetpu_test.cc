// Coral's own runtime under the built program; where a machine has none, what needs it skips.
#include "support/edgetpu.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "base/json.h"
#include "runtime/sticks.h"
#include "support/reference.h"
#include "support/run.h"
#include "support/scratch.h"

namespace edgescope::testing_support {
namespace {

using base::Json;
using ::testing::HasSubstr;

constexpr const char* kQuarter = "edgetpu/mobilenet_v1_0.25_128_quant_edgetpu.tflite";
constexpr const char* kHalf = "edgetpu/mobilenet_v1_0.5_160_quant_edgetpu.tflite";
constexpr const char* kSource = "cpu/mobilenet_v1_0.25_128_quant.tflite";

Finished bench(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), "bench");
  return run(edgescope_program(), arguments, {.limit_seconds = 100});
}

TEST(EdgeTpu, ASimulatedStickCountsBytesAndHasNoLatency) {
  EDGESCOPE_EDGETPU_OR_SKIP(found);
  EDGESCOPE_MODEL_OR_SKIP(model, kQuarter);
  const Scratch scratch;
  const std::string trace = scratch / "trace.json";
  const Finished done =
      bench({model, "--on", "edgetpu:virtual", "--inferences", "5", "--trace", trace, "--format", "json"});
  ASSERT_EQ(done.exit, 0) << done.err;
  const Json document = Json::parse(done.out, nullptr, false);
  ASSERT_TRUE(document.is_object());
  const Json& run = document["runs"][0];
  EXPECT_EQ(run["on"], "edgetpu:virtual");
  EXPECT_EQ(run["valid"], true);
  EXPECT_EQ(run["basis"], "exact");
  EXPECT_FALSE(run.contains("median_us"));
  EXPECT_FALSE(run.contains("load_us"));
  EXPECT_TRUE(document["comparison"].is_null());
  EXPECT_EQ(run["usb"]["outputs"], "meaningless");
  const Json& counted = run["usb"]["models"][0];
  EXPECT_EQ(counted["inferences"], 5);
  EXPECT_EQ(counted["first_inference"]["parameters"], 566912);
  EXPECT_EQ(counted["per_inference"]["instructions"], 170032);
  EXPECT_EQ(counted["per_inference"]["input"], 49152);
  EXPECT_EQ(counted["per_inference"]["output"], 1008);
  EXPECT_EQ(counted["equals_ledger"], true);
  std::uint64_t traced = 0;
  std::ifstream file(trace);
  const Json events = Json::parse(file, nullptr, false)["traceEvents"];
  for (const Json& event : events)
    if (event["name"] == "parameters") traced += event["args"]["bytes"].get<std::uint64_t>();
  EXPECT_EQ(traced, 566912u);
}

TEST(EdgeTpu, TheRunOfAModelThatTheRuntimeRefusesSaysWhy) {
  EDGESCOPE_EDGETPU_OR_SKIP(found);
  EDGESCOPE_MODEL_OR_SKIP(model, "edgetpu/keras_lstm_mnist_ptq_edgetpu.tflite");
  const Finished done = bench({model, "--on", "edgetpu:virtual", "--format", "json"});
  EXPECT_EQ(done.exit, 4) << "nothing ran";
  const Json run = Json::parse(done.out, nullptr, false)["runs"][0];
  EXPECT_EQ(run["valid"], false);
  EXPECT_THAT(run["reason"].get<std::string>(), HasSubstr("must have fully deterministic DMA hints"));
}

TEST(EdgeTpu, AlternatingModelsAreSaidToLoseTheCache) {
  EDGESCOPE_EDGETPU_OR_SKIP(found);
  EDGESCOPE_MODEL_OR_SKIP(one, kQuarter);
  EDGESCOPE_MODEL_OR_SKIP(other, kHalf);
  const Finished done = bench({one, "--alternate", other, "--on", "edgetpu:virtual", "--inferences", "3"});
  ASSERT_EQ(done.exit, 0) << done.err;
  EXPECT_THAT(done.out, HasSubstr("its cached parameters were sent 3 times in 3 inferences"));
  const Finished apart =
      bench({one, "--alternate", other, "--sticks", "2", "--on", "edgetpu:virtual", "--inferences", "3"});
  ASSERT_EQ(apart.exit, 0) << apart.err;
  EXPECT_THAT(apart.out, HasSubstr("equal to what the file's DMA hints say"));
}

TEST(EdgeTpu, AnalyzeDoesNotCompareAnswersThatMeanNothing) {
  EDGESCOPE_EDGETPU_OR_SKIP(found);
  EDGESCOPE_MODEL_OR_SKIP(model, kQuarter);
  const Finished done =
      run(edgescope_program(), {"analyze", model, "--quick", "--on", "edgetpu:virtual", "--format", "json"});
  ASSERT_EQ(done.exit, 0) << done.err;
  const Json document = Json::parse(done.out, nullptr, false);
  EXPECT_TRUE(document["parity"].is_null());
  EXPECT_THAT(document["summary"]["headline"].get<std::string>(), HasSubstr("simulated stick"));
  EXPECT_EQ(document["runs"][0]["usb"]["models"][0]["equals_ledger"], true);
}

// An application from end to end: it finds a stick, infers, and gets the answer of the CPU; here a worker is the
// application.
TEST(EdgeTpu, AnApplicationIsTracedOnASimulatedStickThatComputes) {
  EDGESCOPE_EDGETPU_OR_SKIP(found);
  EDGESCOPE_MODEL_OR_SKIP(model, kQuarter);
  EDGESCOPE_MODEL_OR_SKIP(source, kSource);
  const Scratch scratch;
  const auto ask = [&](const Json& load, const std::string& name) {
    const std::string path = scratch / name;
    std::filesystem::create_directories(path + ".outputs");
    std::ofstream file(path);
    file << load.dump() << "\n"
         << Json{{"request", "infer"},
                 {"rows", 2},
                 {"seed", 3},
                 {"inputs", Json::array()},
                 {"outputs", path + ".outputs"}}
                .dump()
         << "\n";
    return std::string(EDGESCOPE_BINARY_DIR "/edgescope-worker < ") + path;
  };
  const Json on_stick = {{"request", "load"},         {"on", "edgetpu:virtual"},     {"model", model.string()},
                         {"library", found->library}, {"host", found->host},         {"threads", 1},
                         {"profile", false},          {"properties", Json::object()}};
  const Json on_cpu = {{"request", "load"}, {"on", "tflite"},   {"model", source.string()},    {"library", found->host},
                       {"threads", 1},      {"profile", false}, {"properties", Json::object()}};
  const Finished done = run(edgescope_program(), {"trace", "--virtual", model, "--source", source, "--format", "json",
                                                  "--", "sh", "-c", ask(on_stick, "stick")});
  ASSERT_EQ(done.exit, 0) << done.err;
  const Finished cpu = run("sh", {"-c", ask(on_cpu, "cpu")});
  ASSERT_EQ(cpu.exit, 0) << cpu.err;

  const Json inferences = Json::parse(done.out, nullptr, false)["devices"][0]["inferences"];
  EXPECT_EQ(inferences["count"], 2);
  EXPECT_EQ(inferences["first"]["instructions"], 182656);
  EXPECT_EQ(inferences["first"]["parameters"], 566912);
  EXPECT_EQ(inferences["later"]["input"], 49152);
  EXPECT_EQ(inferences["later"]["output"], 1008);
  const auto bytes = [&](const std::string& name) {
    std::ifstream file(scratch / (name + ".outputs/output0"), std::ios::binary);
    return std::string(std::istreambuf_iterator<char>(file), {});
  };
  EXPECT_EQ(bytes("stick").size(), 2 * 1001u) << done.err;
  EXPECT_EQ(bytes("stick"), bytes("cpu"));
}

TEST(EdgeTpu, NoStickIsExitCodeFourWithWhatToDo) {
  EDGESCOPE_EDGETPU_OR_SKIP(found);
  EDGESCOPE_MODEL_OR_SKIP(model, kQuarter);
  if (!runtime::plugged_corals().empty()) GTEST_SKIP() << "a stick is plugged in";
  const Finished done = bench({model, "--on", "edgetpu", "--time-limit", "1", "--processes", "2"});
  EXPECT_EQ(done.exit, 4);
  EXPECT_THAT(done.err, HasSubstr("libedgetpu finds no Edge TPU"));
  EXPECT_THAT(done.err, HasSubstr("1a6e:089a"));
}

TEST(EdgeTpu, NoRuntimeIsExitCodeFourWithWhereToGetIt) {
  const Finished done = bench({EDGESCOPE_SOURCE_DIR "/examples/digits/digits_int8.tflite", "--on", "edgetpu:virtual",
                               "--runtime-library", "edgetpu=/nonexistent"});
  EXPECT_EQ(done.exit, 4);
  EXPECT_THAT(done.err, HasSubstr("libedgetpu1-std"));
}

TEST(EdgeTpu, FlagsOfSimulatedSticksNeedOne) {
  const std::string model = EDGESCOPE_SOURCE_DIR "/examples/digits/digits_int8.tflite";
  EXPECT_EQ(bench({model, "--on", "null", "--source", model}).exit, 2);
  EXPECT_EQ(bench({model, "--on", "null", "--alternate", model}).exit, 2);
  EXPECT_EQ(bench({model, "--on", "edgetpu", "--dfu"}).exit, 2);
  EXPECT_EQ(bench({model, "--on", "null", "--property", "Performance"}).exit, 2);
}

}  // namespace
}  // namespace edgescope::testing_support
