// `edgescope compile` as its users run it, with a stand-in for the vendor's compiler, which no registry has.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "base/json.h"
#include "support/reference.h"
#include "support/run.h"
#include "support/scratch.h"
#include "support/stand_in_compiler.h"

namespace edgescope::testing_support {
namespace {

namespace fs = std::filesystem;
using base::Json;
using ::testing::HasSubstr;

const std::string kNetwork = EDGESCOPE_SOURCE_DIR "/examples/digits/digits_int8.tflite";

Finished compile(std::vector<std::string> arguments, RunOptions options = {}) {
  arguments.insert(arguments.begin(), "compile");
  return run(edgescope_program(), arguments, options);
}

Json document(const Finished& done) { return Json::parse(done.out, nullptr, false); }

class Compile : public ::testing::Test {
 protected:
  Compile() {
    fs::create_directory(scratch_ / "tools");
    fs::create_directory(scratch_ / "out");
  }
  StandInCompiler stand_in(const std::string& body) { return {scratch_ / "tools", body}; }
  std::string path(const std::string& name) const { return (scratch_ / name).string(); }
  const Scratch scratch_;
};

TEST_F(Compile, WithoutTheCompilerItSaysHowToGetItAndPredicts) {
  const RunOptions nowhere{.environment = {{"PATH", path("out")}, {"EDGESCOPE_EDGETPU_COMPILER", ""}}};
  const Finished done = compile({kNetwork, "--target", "edgetpu", "--format", "json"}, nowhere);
  EXPECT_EQ(done.exit, 4);
  EXPECT_THAT(done.err, HasSubstr("edgetpu-compiler"));
  const Json json = document(done);
  ASSERT_TRUE(json.is_object()) << done.out;
  EXPECT_EQ(json["command"], "compile");
  EXPECT_EQ(json["input"], kNetwork);
  EXPECT_TRUE(json["compiler"].is_null());
  EXPECT_TRUE(json["models"][0]["actual"].is_null());
  EXPECT_GT(json["models"][0]["predicted"]["cached_bytes"], 0);
  const Finished text = compile({kNetwork, "--target", "edgetpu"}, nowhere);
  EXPECT_EQ(text.exit, 4);
  EXPECT_THAT(text.out, HasSubstr("edgescope inspect"));
  EXPECT_THAT(text.out, HasSubstr("x86-64"));
}

TEST_F(Compile, RunsItAndSaysWhatIsDifferent) {
  // What a compiler that maps nothing writes: the model as it was.
  const StandInCompiler program = stand_in(StandInCompiler::prints_success() + StandInCompiler::writes(kNetwork));
  const Finished done =
      compile({kNetwork, "--target", "edgetpu", "-o", path("out/net.tflite"), "--format", "json", "--", "-m", "13"},
              {.environment = {{"EDGESCOPE_EDGETPU_COMPILER", program.path()}}});
  ASSERT_EQ(done.exit, 0) << done.err;
  EXPECT_EQ(done.err, "");
  const Json json = document(done);
  EXPECT_EQ(json["verdict"], "compiles");
  EXPECT_EQ(json["compiler"]["version"], "16.0.384591198");
  EXPECT_EQ(json["models"][0]["outputs"][0], path("out/net.tflite"));
  EXPECT_EQ(json["models"][0]["actual"]["subgraphs"], 0);
  EXPECT_EQ(json["models"][0]["actual"]["mapped_operators"], 0);
  EXPECT_FALSE(json["models"][0]["differences"].empty());
  EXPECT_EQ(json["models"][0]["predicted"]["not_predicted"].back(), "what the compiler's option -m changes");
  EXPECT_EQ(json["compiler_log"].size(), 1u);
  EXPECT_THAT(program.arguments(), HasSubstr(" -s -m 13 "));
  EXPECT_TRUE(fs::exists(scratch_ / "out/net.tflite"));
  EXPECT_TRUE(fs::exists(scratch_ / "out/net.log"));
}

TEST_F(Compile, ARefusalIsExitCode1WithTheCompilersWords) {
  const StandInCompiler program = stand_in(
      "echo 'Edge TPU Compiler version 16.0.384591198'; echo 'Invalid model: x'; echo 'Model not quantized'; exit 1");
  for (const char* format : {"json", "text"}) {
    const Finished done = compile({kNetwork, "--target", "edgetpu", "-o", path("out/net.tflite"), "--compiler-program",
                                   program.path(), "--format", format});
    EXPECT_EQ(done.exit, 1) << done.err;
    EXPECT_THAT(done.out, HasSubstr("Model not quantized"));
    EXPECT_TRUE(fs::is_empty(scratch_ / "out"));
  }
}

TEST_F(Compile, TriesAgainAfterTheFailureThatComesAndGoes) {
  const StandInCompiler program = stand_in("[ $run = 1 ] && { echo 'Internal compiler error. Aborting!'; exit 1; }\n" +
                                           StandInCompiler::prints_success() + StandInCompiler::writes(kNetwork));
  const Finished done =
      compile({kNetwork, "--target", "edgetpu", "-o", path("out/"), "--compiler-program", program.path()});
  EXPECT_EQ(done.exit, 0) << done.err;
  EXPECT_THAT(done.out, HasSubstr("It took 2 runs"));
  EXPECT_EQ(program.runs(), 2);
  const Finished once =
      compile({kNetwork, "--target", "edgetpu", "-o", path("out/"), "--compiler-program",
               stand_in("echo 'Internal compiler error. Aborting!'; exit 1").path(), "--attempts", "1"});
  EXPECT_EQ(once.exit, 1);
  EXPECT_EQ(program.runs(), 3);
}

TEST_F(Compile, CtrlCEndsTheCompilerAndLeavesNothing) {
  const StandInCompiler program = stand_in("sleep 1000");
  const Finished done = compile({kNetwork, "--target", "edgetpu", "-o", path("out/net.tflite"), "--compiler-program",
                                 program.path(), "--progress", "always"},
                                {.interrupt = true});
  EXPECT_EQ(done.exit, 130) << done.err;
  EXPECT_TRUE(fs::is_empty(scratch_ / "out"));
}

TEST_F(Compile, UsageAndInput) {
  const StandInCompiler program = stand_in("");
  const auto exit = [&](std::vector<std::string> arguments) {
    arguments.insert(arguments.end(), {"--compiler-program", program.path()});
    const Finished done = compile(arguments);
    EXPECT_EQ(done.out, "");
    EXPECT_NE(done.err, "");
    return done.exit;
  };
  EXPECT_EQ(exit({kNetwork}), 2);
  EXPECT_EQ(exit({kNetwork, "--target", "toaster"}), 2);
  EXPECT_EQ(exit({path("absent"), "--target", "edgetpu"}), 3);
  EXPECT_EQ(exit({EDGESCOPE_SOURCE_DIR "/examples/digits/digits.onnx", "--target", "edgetpu"}), 3);
  EXPECT_EQ(compile({kNetwork, "--target", "edgetpu", "--plan", "--", "-n", "2"}).exit, 2);
  EXPECT_EQ(compile({kNetwork, "--target", "edgetpu", "--", "-o", "x"},
                    {.environment = {{"EDGESCOPE_EDGETPU_COMPILER", program.path()}}})
                .exit,
            2);
  EXPECT_EQ(program.runs(), 0);
}

TEST_F(Compile, PlanNamesTheCommands) {
  fs::copy_file(kNetwork, scratch_ / "other.tflite");
  const Finished done = compile({kNetwork, path("other.tflite"), "--target", "edgetpu", "--plan", "--format", "json"});
  ASSERT_EQ(done.exit, 0) << done.err;
  const Json json = document(done);
  const Json& best = json["plan"]["choices"][0];
  EXPECT_EQ(best["units"][0]["mode"], "co-compiled");
  EXPECT_EQ(best["units"][0]["commands"][0], "edgetpu_compiler -s " + kNetwork + " " + path("other.tflite"));
  EXPECT_EQ(best["parameter_bytes"], 0);
  const Finished text = compile({kNetwork, path("other.tflite"), "--target", "edgetpu", "--plan"});
  EXPECT_THAT(text.out, HasSubstr("digits_int8 and other together"));
  EXPECT_THAT(text.out, HasSubstr("    edgetpu_compiler -s "));
}

// A recorded log of five models compiled together, and one file that the compiler made.
TEST_F(Compile, ReadsARecordedLogAndACompiledModel) {
  EDGESCOPE_REFERENCE_OR_SKIP(log,
                              "edgetpu/logs/s123600g+asr_edgetpu_demo__tflite_model__test_compile__fm5__fm5_log.txt");
  EDGESCOPE_MODEL_OR_SKIP(source, "cpu/mobilenet_v1_0.25_128_quant.tflite");
  EDGESCOPE_MODEL_OR_SKIP(made, "edgetpu/mobilenet_v1_0.25_128_quant_edgetpu.tflite");
  const StandInCompiler recorded = stand_in("cat '" + log.string() + "'\n" + StandInCompiler::writes(made.string()));
  const Json json = document(compile({source.string(), "--target", "edgetpu", "-o", path("out/"), "--compiler-program",
                                      recorded.path(), "--format", "json"}));
  ASSERT_TRUE(json.is_object());
  EXPECT_EQ(json["compiler_log"].size(), 5u);
  EXPECT_EQ(json["compiler_log"][0]["on_chip_used"], 109056);
  EXPECT_EQ(json["models"][0]["predicted"]["compiler"], "1.0")
      << "the generation that ran is the one that is predicted";
  EXPECT_EQ(json["models"][0]["actual"]["cached_bytes"], 566912);
  EXPECT_FALSE(json["models"][0]["differences"].empty()) << "compiler 1.0 has no softmax matrices";

  const StandInCompiler fitting = stand_in(StandInCompiler::prints_success() + StandInCompiler::writes(made.string()));
  const Finished text =
      compile({source.string(), "--target", "edgetpu", "-o", path("out/"), "--compiler-program", fitting.path()});
  EXPECT_EQ(text.exit, 0);
  EXPECT_THAT(text.out, HasSubstr("As predicted."));
}

}  // namespace
}  // namespace edgescope::testing_support
