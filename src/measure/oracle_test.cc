// The vendor's unmodified plugin on a simulated stick, where set-up has brought it.
#include "measure/oracle.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstring>
#include <fstream>
#include <map>
#include <set>

#include "base/json.h"
#include "base/mapped_file.h"
#include "format/myriad/blob.h"
#include "format/openvino/reader.h"
#include "support/csv.h"
#include "support/reference.h"
#include "support/scratch.h"
#include "target/ncs2/cost.h"

namespace edgescope::measure {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

#define ORACLE_OR_SKIP(name, on)                                     \
  const auto name##_found = runtime::find(on);                       \
  if (!name##_found) GTEST_SKIP() << name##_found.error().message(); \
  Oracle name({.runtime = *name##_found, .time_limit = std::chrono::seconds(60)})

const std::string kDigits = EDGESCOPE_SOURCE_DIR "/examples/digits/digits.onnx";

TEST(Oracle, TheWholeChainOnASimulatedStick) {
  ORACLE_OR_SKIP(oracle, "ncs2:virtual");
  const testing_support::Scratch scratch;
  const runtime::LoadRequest digits{.model = kDigits};
  const auto supported = oracle.query(digits);
  ASSERT_TRUE(supported) << supported.error().message();
  EXPECT_FALSE(supported->empty());
  const auto compiled = oracle.compile(digits, {.blob = scratch / "x.blob", .graph = scratch / "x.xml"});
  ASSERT_TRUE(compiled) << compiled.error().message();
  // Two views on one compile: the blob knows engines and memory, the execution graph names and shapes.
  const auto file = base::MappedFile::open(scratch / "x.blob");
  ASSERT_TRUE(file) << file.error().message();
  const auto blob = format::myriad::read_blob(file->bytes(), file->path());
  ASSERT_TRUE(blob) << blob.error().message();
  const auto xml = base::MappedFile::open(scratch / "x.xml");
  ASSERT_TRUE(xml) << xml.error().message();
  const auto graph = format::openvino::read(*xml);
  ASSERT_TRUE(graph) << graph.error().message();
  const auto stages = target::ncs2::stages_of(*graph);
  ASSERT_TRUE(stages) << stages.error().message();
  ASSERT_GT(stages->size(), 10u);
  std::vector<std::string> by_graph, by_blob;
  for (const auto& stage : *stages) by_graph.push_back(stage.kind);
  for (const auto& stage : blob->stages) by_blob.push_back(stage.kind());
  EXPECT_EQ(by_blob, by_graph);
  EXPECT_EQ(stages->front().kind, "Convert");
  EXPECT_EQ(stages->front().output_elements, 64u);
  EXPECT_GT(target::ncs2::predict(*stages).microseconds.low, 1570);
  const auto properties = oracle.properties();
  ASSERT_TRUE(properties) << properties.error().message();
  EXPECT_EQ(properties->settings.size(), 15u);
  EXPECT_EQ(properties->metrics.at("FULL_DEVICE_NAME"), "Intel Movidius Myriad X VPU");
  EXPECT_EQ(oracle.processes(), 1);
}

TEST(Oracle, SaysInWhichValuesASettingTakesAValue) {
  ORACLE_OR_SKIP(oracle, "ie2021:CPU");
  const auto properties = oracle.properties();
  ASSERT_TRUE(properties) << properties.error().message();
  EXPECT_EQ(properties->settings.size(), 9u);
  EXPECT_THAT(properties->words.at("DYN_BATCH_ENABLED"), HasSubstr("Expected only YES/NO"));
  EXPECT_EQ(properties->settings.at("DYN_BATCH_ENABLED"), "NO") << "asking changes nothing";
}

TEST(Oracle, SettingsReachTheCompiler) {
  ORACLE_OR_SKIP(oracle, "ncs2:virtual");
  const testing_support::Scratch scratch;
  const auto blob_bytes = [&](const std::map<std::string, std::string>& settings) {
    const auto compiled =
        oracle.compile({.model = kDigits, .properties = settings}, {.blob = scratch / "x.blob", .graph = {}});
    EXPECT_TRUE(compiled) << compiled.error().message();
    return fs::file_size(scratch / "x.blob");
  };
  EXPECT_NE(blob_bytes({}), blob_bytes({{"MYRIAD_ENABLE_HW_ACCELERATION", "NO"}}));
  const auto refused = oracle.compile({.model = kDigits, .properties = {{"MYRIAD_NUMBER_OF_SHAVES", "4"}}}, {});
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message(), HasSubstr("You should set both option"));
}

TEST(Oracle, InfersOnTheCpuAsTodaysRuntimesDo) {
  ORACLE_OR_SKIP(oracle, "ie2021:CPU");
  const auto here = runtime::find("openvino:CPU");
  if (!here) GTEST_SKIP() << here.error().message();
  const auto infer = [](const runtime::Found& found, const std::map<std::string, std::string>& exact) {
    auto worker = Worker::start({.runtime = found});
    EXPECT_TRUE(worker);
    const auto loaded = worker->load({.model = kDigits, .properties = exact});
    EXPECT_TRUE(loaded) << loaded.error().message();
    auto answer = worker->infer({.rows = 5, .seed = 3, .inputs = {}});
    EXPECT_TRUE(answer) << answer.error().message();
    std::vector<float> values(answer->outputs.at(0).size() / sizeof(float));
    std::memcpy(values.data(), answer->outputs.at(0).data(), values.size() * sizeof(float));
    return values;
  };
  const auto old = infer(*oracle_found, {{"ENFORCE_BF16", "NO"}}),
             today = infer(*here, {{"INFERENCE_PRECISION_HINT", "f32"}});
  ASSERT_EQ(old.size(), today.size());
  ASSERT_FALSE(old.empty());
  for (std::size_t i = 0; i < old.size(); ++i)
    EXPECT_NEAR(old[i], today[i], 1e-4 * std::max(1.0f, std::abs(today[i]))) << i;
}

TEST(Oracle, ProfilesOnTheCpuButNotOnASimulatedStick) {
  ORACLE_OR_SKIP(oracle, "ie2021:CPU");
  auto worker = Worker::start({.runtime = *oracle_found});
  ASSERT_TRUE(worker);
  ASSERT_TRUE(worker->load({.model = kDigits, .profile = true}));
  const auto operators = worker->profile({.count = 3});
  ASSERT_TRUE(operators) << operators.error().message();
  EXPECT_GT(operators->size(), 5u);
  EXPECT_EQ(std::count_if(operators->begin(), operators->end(), [](const auto& op) { return op.kind.empty(); }), 0);
  const auto simulated = runtime::find("ncs2:virtual");
  ASSERT_TRUE(simulated);
  auto stick = Worker::start({.runtime = *simulated});
  ASSERT_TRUE(stick);
  const auto loaded = stick->load({.model = kDigits, .profile = true});
  ASSERT_TRUE(loaded) << loaded.error().message();
  EXPECT_THAT(loaded->loaded.notes.front(), HasSubstr("mean nothing"));
  const auto answer = stick->infer({.rows = 2, .inputs = {}});
  ASSERT_TRUE(answer) << answer.error().message();
  EXPECT_EQ(answer->outputs.at(0).size(), 2 * 10 * sizeof(float));
  EXPECT_FALSE(stick->profile({.count = 1}));
}

TEST(Oracle, TheLockOfRealSticksIsNotForSimulatedOnes) {
  ORACLE_OR_SKIP(oracle, "ncs2:virtual");
  const int lock = ::open("/tmp/mvnc.mutex", O_CREAT | O_CLOEXEC, 0666);
  if (lock < 0 || ::flock(lock, LOCK_EX | LOCK_NB) != 0) GTEST_SKIP() << "somebody uses the lock";
  const auto compiled = oracle.compile({.model = kDigits}, {});
  EXPECT_TRUE(compiled) << compiled.error().message();
  ::close(lock);
}

TEST(Oracle, ARealStickThatIsNotThereIsSaid) {
  ORACLE_OR_SKIP(oracle, "ie2021:MYRIAD");
  auto worker = Worker::start({.runtime = *oracle_found});
  ASSERT_TRUE(worker);
  const auto version = worker->version();
  if (version) GTEST_SKIP() << "a stick is plugged in";
  EXPECT_THAT(version.error().message(), HasSubstr("no Neural Compute Stick 2"));
}

// The adapter through which a user's own OpenVINO 2022 with its MYRIAD plugin is asked: the same calls, of today's CPU.
TEST(Oracle, TodaysOpenVinoCompilesAndListsItsSettings) {
  ORACLE_OR_SKIP(oracle, "openvino:CPU");
  const testing_support::Scratch scratch;
  const auto compiled = oracle.compile({.model = kDigits}, {.blob = scratch / "x.blob", .graph = scratch / "x.xml"});
  ASSERT_TRUE(compiled) << compiled.error().message();
  EXPECT_GT(fs::file_size(scratch / "x.blob"), 1000u);
  EXPECT_FALSE(fs::exists(scratch / "x.xml")) << "its C interface does not tell";
  const auto properties = oracle.properties();
  ASSERT_TRUE(properties) << properties.error().message();
  EXPECT_GT(properties->settings.size(), 15u);
  EXPECT_GT(properties->metrics.size(), 5u);
  EXPECT_TRUE(properties->settings.contains("NUM_STREAMS"));
  EXPECT_FALSE(properties->metrics.at("FULL_DEVICE_NAME").empty());
  const auto refused = oracle.compile({.model = "/nonexistent.xml"}, {});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().fault, base::Fault::runtime);
  EXPECT_FALSE(oracle.query({.model = kDigits})) << "not in its C interface";
  EXPECT_EQ(oracle.processes(), 1);
}

TEST(Oracle, AnOpenVinoWithoutThePluginIsNotTheNetworksFault) {
  ORACLE_OR_SKIP(oracle, "openvino:MYRIAD");
  const auto compiled = oracle.compile({.model = kDigits}, {});
  if (compiled) GTEST_SKIP() << "a stick and its plugin are here";
  EXPECT_EQ(compiled.error().fault, base::Fault::missing) << compiled.error().message();
}

TEST(Oracle, ThePluginChoosesAmongSeveralSticks) {
  const auto found = runtime::find("ncs2:virtual");
  if (!found) GTEST_SKIP() << found.error().message();
  const testing_support::Scratch scratch;
  const std::string log = scratch / "log";
  Oracle oracle({.runtime = *found,
                 .environment = {{"EDGESCOPE_VIRTUAL_USB",
                                  R"({"devices": [{"kind": "myriad"}, {"kind": "myriad"}], "log": ")" + log + "\"}"}}});
  const auto properties = oracle.properties();
  ASSERT_TRUE(properties) << properties.error().message();
  EXPECT_EQ(properties->metrics.at("AVAILABLE_DEVICES"), "1.1-ma2480, 1.2-ma2480");
  const auto compiled = oracle.compile({.model = kDigits, .properties = {{"DEVICE_ID", "1.2-ma2480"}}}, {});
  ASSERT_TRUE(compiled) << compiled.error().message();
  std::ifstream file(log);
  std::set<std::string> events;
  for (std::string line; std::getline(file, line);) {
    const auto event = base::parse_json(line, "log");
    ASSERT_TRUE(event);
    EXPECT_EQ((*event)["device"], "1-2") << line;
    events.insert((*event)["event"].get<std::string>());
  }
  EXPECT_EQ(events, (std::set<std::string>{"allocate", "boot"}));
}

TEST(Oracle, OthersAreNone) {
  Oracle oracle({.runtime = *runtime::find("null")});
  const auto refused = oracle.compile({.model = "m"}, {});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().fault, base::Fault::usage);
}

TEST(Oracle, GoesOnAfterACrash) {
  ORACLE_OR_SKIP(oracle, "ncs2:virtual");
  EDGESCOPE_REFERENCE_OR_SKIP(nets, "ncs2/nets");
  const testing_support::Scratch scratch;
  // The plugin compiles ShapeOf, and crashes when it is asked what it made of it.
  const auto crashed = oracle.compile({.model = nets / "shape_of__i32.xml"}, {.blob = {}, .graph = scratch / "x.xml"});
  ASSERT_FALSE(crashed);
  EXPECT_THAT(crashed.error().message(), HasSubstr("crashed with SIGSEGV"));
  const auto compiled = oracle.compile({.model = kDigits}, {.blob = {}, .graph = scratch / "x.xml"});
  EXPECT_TRUE(compiled) << compiled.error().message();
  EXPECT_EQ(oracle.processes(), 2);
}

TEST(Oracle, AgreesWithTheReferenceOnEveryNetwork) {
  ORACLE_OR_SKIP(oracle, "ncs2:virtual");
  EDGESCOPE_REFERENCE_OR_SKIP(table, "ncs2/myriad_ops.csv");
  const testing_support::Scratch scratch;
  const std::set<std::string> not_to_be_trusted = {"non_max_suppression", "lstm_sequence", "batch_to_space",
                                                   "prior_box", "read_value"};
  int networks = 0;
  for (const auto& row : testing_support::read_csv(table)) {
    if (not_to_be_trusted.contains(row.at("op"))) continue;
    ++networks;
    const runtime::LoadRequest request{.model = table.parent_path() / "nets" / (row.at("net") + ".xml")};
    const auto supported = oracle.query(request);
    EXPECT_EQ(supported ? "ok" : "exc", row.at("query")) << row.at("net");
    EXPECT_EQ(supported ? std::to_string(supported->size()) : "", row.at("supported")) << row.at("net");
    // A network whose compile is known to crash does so when its execution graph is asked for.
    const bool crashes = row.at("compile") == "crash";
    const auto compiled =
        oracle.compile(request, {.blob = {}, .graph = crashes ? (scratch / "graph.xml").string() : std::string()});
    const std::string verdict = compiled                                                          ? "ok"
                                : compiled.error().message().find("crashed") != std::string::npos ? "crash"
                                                                                                  : "exc";
    EXPECT_EQ(verdict, row.at("compile")) << row.at("net") << (compiled ? "" : ": " + compiled.error().message());
  }
  EXPECT_GT(networks, 380);
}

}  // namespace
}  // namespace edgescope::measure
