#include "measure/worker.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <algorithm>
#include <cstdlib>

#include "support/reference.h"

namespace edgescope::measure {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

base::Result<Worker> fake(const std::string& mode, std::chrono::milliseconds limit = std::chrono::seconds(20)) {
  return Worker::start({.runtime = {.name = "litert", .library = {}, .source = {}, .search_path = {}},
                        .time_limit = limit,
                        .memory_limit = 200u << 20,
                        .environment = {{"FAKE_WORKER", mode}},
                        .program = EDGESCOPE_FAKE_WORKER});
}

// The error of loading "m.tflite" in a fake worker of this mode.
std::string load_error(const std::string& mode, std::chrono::milliseconds limit = std::chrono::seconds(20)) {
  auto worker = fake(mode, limit);
  if (!worker) return worker.error().message();
  auto answer = worker->load({.model = "m.tflite"});
  EXPECT_FALSE(answer);
  EXPECT_FALSE(worker->alive());
  EXPECT_FALSE(worker->sample({})) << "a dead worker answers no further request";
  if (answer) return "";
  EXPECT_EQ(answer.error().fault, base::Fault::runtime);
  EXPECT_EQ(answer.error().file, "m.tflite");
  return answer.error().message();
}

TEST(Worker, NamesRuntimeModelAndSignalOfACrash) {
  EXPECT_THAT(load_error("segv"),
              AllOf(HasSubstr("m.tflite: litert crashed with SIGSEGV (Segmentation fault) while loading the model"),
                    HasSubstr("Its last words: \"about to segv\"")));
}

TEST(Worker, TellsHowItEndedByItself) {
  EXPECT_THAT(load_error("exit"), HasSubstr("litert ended with exit code 3 while loading the model"));
  EXPECT_THAT(load_error("half"), HasSubstr("litert ended with exit code 0 while loading the model"));
}

TEST(Worker, StopsWhatHangs) {
  const auto start = std::chrono::steady_clock::now();
  EXPECT_THAT(load_error("hang", std::chrono::milliseconds(300)),
              HasSubstr("litert gave no answer within 0.3 s while loading the model and was stopped"));
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(10));
}

TEST(Worker, StopsWhatAnswersNonsense) {
  EXPECT_THAT(load_error("garbage"),
              HasSubstr("litert answered nonsense while loading the model and was stopped: \"Segmentation fault?"));
  EXPECT_THAT(load_error("array"), HasSubstr("nonsense"));
  EXPECT_THAT(load_error("wrong member"), HasSubstr("nonsense"));
}

TEST(Worker, StopsWhatEatsMemory) {
  EXPECT_THAT(load_error("memory"),
              HasSubstr("litert took more than 200.0 MiB of memory while loading the model and was stopped"));
}

TEST(Worker, StopsWhatWritesWithoutEnd) {
  EXPECT_THAT(load_error("flood"), HasSubstr("litert wrote without end while loading the model and was stopped"));
}

TEST(Worker, WrongMembersOfSamplesAreNonsense) {
  auto worker = fake("wrong member");
  ASSERT_TRUE(worker);
  auto answer = worker->sample({});
  ASSERT_FALSE(answer);
  EXPECT_THAT(answer.error().message(), HasSubstr("nonsense while running the model"));
}

TEST(Worker, IsNotHeldByWhatACrashedOneLeftBehind) {
  const auto start = std::chrono::steady_clock::now();
  EXPECT_THAT(load_error("child"), HasSubstr("SIGABRT"));
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(10));
}

TEST(Worker, DiesWithTheObjectAndWithTheThread) {
  int pid = 0;
  {
    auto worker = fake("hang");
    ASSERT_TRUE(worker);
    pid = worker->pid();
    EXPECT_EQ(kill(pid, 0), 0);
  }
  EXPECT_EQ(kill(pid, 0), -1);
}

TEST(Worker, GetsAComposedEnvironment) {
  setenv("PYTHONPATH", "/somewhere", 1);
  auto worker = fake("environment");
  ASSERT_TRUE(worker);
  auto variables = worker->version();
  ASSERT_TRUE(variables) << variables.error().message();
  EXPECT_THAT(*variables,
              AllOf(HasSubstr("FAKE_WORKER=environment;"), HasSubstr("PATH="), Not(HasSubstr("PYTHONPATH"))));
}

TEST(Worker, SaysWhatIsMissing) {
  auto worker = Worker::start({.runtime = {}, .program = "/nonexistent/worker"});
  ASSERT_FALSE(worker);
  EXPECT_EQ(worker.error().fault, base::Fault::missing);
}

// From here with the real worker.

runtime::Found null_runtime() { return *runtime::find("null"); }

TEST(Worker, NullSessionMeasuresTheHarness) {
  auto worker = Worker::start({.runtime = null_runtime()});
  ASSERT_TRUE(worker) << worker.error().message();
  auto loaded = worker->load({.model = "none", .properties = {{"inputs", "150528"}, {"outputs", "1001,4"}}});
  ASSERT_TRUE(loaded) << loaded.error().message();
  ASSERT_EQ(loaded->loaded.outputs.size(), 2u);
  EXPECT_EQ(loaded->loaded.outputs[0].bytes, 1001u);
  auto samples = worker->sample({.count = 2001});
  ASSERT_TRUE(samples) << samples.error().message();
  ASSERT_EQ(samples->durations_ns.size(), 2001u);
  EXPECT_TRUE(samples->first_ns);
  auto& durations = samples->durations_ns;
  std::nth_element(durations.begin(), durations.begin() + 1000, durations.end());
  EXPECT_LT(durations[1000], 1000u) << "harness overhead, median in ns";
  auto more = worker->sample({.count = 3});
  ASSERT_TRUE(more);
  EXPECT_FALSE(more->first_ns) << "only the first answer after a load holds the first inference";
}

TEST(Worker, StopsSamplingInTime) {
  auto worker = Worker::start({.runtime = null_runtime()});
  ASSERT_TRUE(worker);
  ASSERT_TRUE(worker->load({.model = "none"}));
  auto samples = worker->sample({.count = 1'000'000'000, .max_seconds = 0.05});
  ASSERT_TRUE(samples) << samples.error().message();
  EXPECT_GT(samples->durations_ns.size(), 100u);
}

TEST(Worker, InferChecksSizes) {
  auto worker = Worker::start({.runtime = null_runtime()});
  ASSERT_TRUE(worker);
  EXPECT_FALSE(worker->sample({})) << "nothing is loaded";
  ASSERT_TRUE(worker->load({.model = "none"}));
  auto outputs = worker->infer({.rows = 3});
  ASSERT_TRUE(outputs) << outputs.error().message();
  ASSERT_EQ(outputs->outputs.size(), 1u);
  EXPECT_EQ(outputs->outputs[0].size(), 12u);
  auto wrong = worker->infer({.rows = 3, .inputs = {std::vector<std::byte>(11)}});
  ASSERT_FALSE(wrong);
  EXPECT_THAT(wrong.error().message(), HasSubstr("11 bytes are given for 3 rows"));
  EXPECT_TRUE(worker->alive()) << "a refused request does not end a worker";
}

class RealRuntime : public testing::TestWithParam<std::string> {};

#define RUNTIME_OR_SKIP(name)                  \
  const auto name = runtime::find(GetParam()); \
  if (!name) GTEST_SKIP() << name.error().message()

TEST_P(RealRuntime, LoadsSamplesProfilesAndInfers) {
  RUNTIME_OR_SKIP(found);
  EDGESCOPE_MODEL_OR_SKIP(model, "cpu/mobilenet_v1_0.25_128_quant.tflite");
  auto worker = Worker::start({.runtime = *found});
  ASSERT_TRUE(worker) << worker.error().message();
  auto answer = worker->load({.model = model, .profile = true});
  ASSERT_TRUE(answer) << answer.error().message();
  const runtime::Loaded& loaded = answer->loaded;
  ASSERT_EQ(loaded.inputs.size(), 1u);
  EXPECT_EQ(loaded.inputs[0].shape, (std::vector<std::int64_t>{1, 128, 128, 3}));
  EXPECT_EQ(loaded.inputs[0].type, graph::ElementType::UInt8);
  ASSERT_EQ(loaded.outputs.size(), 1u);
  EXPECT_EQ(loaded.outputs[0].bytes, 1001u);
  EXPECT_FALSE(loaded.version.empty());
  EXPECT_FALSE(loaded.kernels.empty());
  EXPECT_GT(answer->load_ns, 0u);
  auto samples = worker->sample({.count = 5});
  ASSERT_TRUE(samples) << samples.error().message();
  EXPECT_EQ(samples->durations_ns.size(), 5u);
  EXPECT_TRUE(samples->first_ns);
  auto operators = worker->profile({.count = 3});
  ASSERT_TRUE(operators) << operators.error().message();
  if (GetParam() == "litert" || GetParam() == "openvino:CPU") {
    ASSERT_GT(operators->size(), 10u);
    double total = 0;
    for (const auto& op : *operators) total += op.microseconds;
    EXPECT_GT(total, 10);
  }
}

TEST_P(RealRuntime, NamesTheOperatorThatItLacks) {
  RUNTIME_OR_SKIP(found);
  EDGESCOPE_MODEL_OR_SKIP(model, "cpu/posenet_mobilenet_v1_075_353_481_16_quant_decoder.tflite");
  auto worker = Worker::start({.runtime = *found});
  ASSERT_TRUE(worker);
  auto answer = worker->load({.model = model});
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().node, "PosenetDecoderOp");
  EXPECT_THAT(answer.error().message(), HasSubstr(GetParam() + " does not have the operator PosenetDecoderOp"));
  EXPECT_TRUE(worker->alive());
}

TEST_P(RealRuntime, SaysWhatItCannotRead) {
  RUNTIME_OR_SKIP(found);
  auto worker = Worker::start({.runtime = *found});
  ASSERT_TRUE(worker);
  auto answer = worker->load({.model = "/nonexistent/model.tflite"});
  ASSERT_FALSE(answer);
  EXPECT_THAT(answer.error().message(), HasSubstr("cannot read the model"));
}

INSTANTIATE_TEST_SUITE_P(All, RealRuntime, testing::Values("litert", "tflite", "tflite+xnnpack", "openvino:CPU"),
                         [](const auto& parameter) {
                           std::string name = parameter.param;
                           std::replace_if(
                               name.begin(), name.end(), [](char c) { return !std::isalnum(c); }, '_');
                           return name;
                         });

}  // namespace
}  // namespace edgescope::measure
