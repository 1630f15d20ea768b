#include "compiler/edgetpu_compiler.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "support/scratch.h"
#include "support/stand_in_compiler.h"

namespace edgescope::compiler {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using testing_support::Scratch;
using testing_support::StandInCompiler;

class EdgetpuCompiler : public ::testing::Test {
 protected:
  EdgetpuCompiler() {
    for (const char* name : {"tools", "work"}) fs::create_directory(scratch_ / name);
    for (const char* name : {"a.tflite", "b.tflite", "made"}) write(name, std::string("content of ") + name);
  }
  std::string write(const std::string& name, const std::string& content) {
    std::ofstream(scratch_ / name) << content;
    return path(name);
  }
  std::string path(const std::string& name) const { return (scratch_ / name).string(); }
  static std::string content(const std::string& file) {
    std::ifstream in(file);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  StandInCompiler stand_in(const std::string& body) { return {scratch_ / "tools", body}; }
  // What is in the folder of results besides what a test expects: nothing may be left behind.
  std::vector<std::string> files(const std::string& folder) const {
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(scratch_ / folder))
      names.push_back(entry.path().filename().string());
    std::sort(names.begin(), names.end());
    return names;
  }
  const Scratch scratch_;
  const std::string works_ = StandInCompiler::prints_success() + StandInCompiler::writes(path("made"));
};

TEST_F(EdgetpuCompiler, PutsTheResultIntoItsPlace) {
  const StandInCompiler program = stand_in(works_);
  ASSERT_EQ(setenv("EDGESCOPE_NOT_INHERITED", "1", 1), 0);
  const auto result = run_edgetpu_compiler({.program = program.path(),
                                            .models = {path("a.tflite")},
                                            .options = {"-t", "60"},
                                            .output = path("work/out.tflite")});
  ASSERT_TRUE(result) << result.error().message();
  EXPECT_TRUE(result->compiled());
  EXPECT_THAT(result->outputs, ElementsAre(ElementsAre(path("work/out.tflite"))));
  EXPECT_EQ(content(path("work/out.tflite")), "content of made");
  EXPECT_THAT(files("work"), ElementsAre("out.log", "out.tflite"));
  ASSERT_EQ(result->models.size(), 1u);
  EXPECT_EQ(result->models[0].compiler, "16.0.384591198");
  EXPECT_EQ(result->attempts.size(), 1u);
  EXPECT_THAT(program.arguments(), HasSubstr("-s -t 60 " + path("a.tflite")));
  EXPECT_THAT(program.environment(), HasSubstr("PATH="));
  EXPECT_THAT(program.environment(), Not(HasSubstr("EDGESCOPE_NOT_INHERITED")));
}

TEST_F(EdgetpuCompiler, SeveralModelsGoIntoAFolderThatIsMade) {
  const StandInCompiler program = stand_in(works_);
  const auto result = run_edgetpu_compiler(
      {.program = program.path(), .models = {path("b.tflite"), path("a.tflite")}, .output = path("work/new/deep")});
  ASSERT_TRUE(result) << result.error().message();
  EXPECT_THAT(result->outputs, ElementsAre(ElementsAre(path("work/new/deep/b_edgetpu.tflite")),
                                           ElementsAre(path("work/new/deep/a_edgetpu.tflite"))));
  EXPECT_THAT(files("work/new/deep"),
              ElementsAre("a_edgetpu.log", "a_edgetpu.tflite", "b_edgetpu.log", "b_edgetpu.tflite"));
  EXPECT_THAT(files("work"), ElementsAre("new"));
  EXPECT_EQ(program.runs(), 1) << "compiled together";
}

TEST_F(EdgetpuCompiler, SegmentsKeepTheirOrder) {
  const StandInCompiler program = stand_in(works_);
  const auto result = run_edgetpu_compiler({.program = program.path(),
                                            .models = {path("a.tflite")},
                                            .options = {"--num_segments=12"},
                                            .output = path("work")});
  ASSERT_TRUE(result) << result.error().message();
  ASSERT_EQ(result->outputs[0].size(), 12u);
  for (int i = 0; i < 12; ++i)
    EXPECT_EQ(result->outputs[0][static_cast<std::size_t>(i)],
              path("work/a_segment_" + std::to_string(i) + "_of_12_edgetpu.tflite"));
}

TEST_F(EdgetpuCompiler, TheFailureThatComesAndGoesIsTriedAgain) {
  const std::string fails =
      "if [ $run -lt 3 ]; then echo 'Edge TPU Compiler version 14.1.317412892'; echo; echo 'Internal compiler error. "
      "Aborting! '; exit 1; fi\n";
  const StandInCompiler program = stand_in(fails + works_);
  std::vector<int> told;
  const auto result = run_edgetpu_compiler({.program = program.path(),
                                            .models = {path("a.tflite")},
                                            .output = path("work/x.tflite"),
                                            .starting = [&](int attempt) { told.push_back(attempt); }});
  ASSERT_TRUE(result) << result.error().message();
  EXPECT_TRUE(result->compiled());
  EXPECT_THAT(told, ElementsAre(1, 2, 3));
  EXPECT_THAT(result->attempts[0].failure, HasSubstr("Internal compiler error"));
  EXPECT_EQ(result->attempts[0].how, "ended with exit code 1");
  EXPECT_EQ(result->attempts[2].failure, "");
}

TEST_F(EdgetpuCompiler, NotForEver) {
  const StandInCompiler program = stand_in("echo 'Internal compiler error. Aborting!'; kill -ABRT $$");
  const auto result = run_edgetpu_compiler(
      {.program = program.path(), .models = {path("a.tflite")}, .output = path("work/x.tflite"), .attempts = 3});
  ASSERT_TRUE(result) << result.error().message();
  EXPECT_FALSE(result->compiled());
  EXPECT_EQ(result->attempts.size(), 3u);
  EXPECT_TRUE(files("work").empty());
}

TEST_F(EdgetpuCompiler, ARefusalChangesNothing) {
  write("work/x.tflite", "from before");
  const StandInCompiler program = stand_in(StandInCompiler::writes(path("made")) +
                                           "echo 'Edge TPU Compiler version 16.0.384591198'; echo 'Compilation failed: "
                                           "Compilation failed due to large activation tensors in model.'; exit 1");
  const auto result =
      run_edgetpu_compiler({.program = program.path(), .models = {path("a.tflite")}, .output = path("work/x.tflite")});
  ASSERT_TRUE(result) << result.error().message();
  EXPECT_THAT(result->failure, HasSubstr("large activation tensors"));
  EXPECT_EQ(program.runs(), 1) << "a refusal stays one";
  EXPECT_EQ(content(path("work/x.tflite")), "from before");
  EXPECT_THAT(files("work"), ElementsAre("x.tflite"));
}

TEST_F(EdgetpuCompiler, SilenceIsAFailureToo) {
  const StandInCompiler program =
      stand_in("echo 'Edge TPU Compiler version 15.0.340273435'");  // google-coral/edgetpu #411
  const auto result =
      run_edgetpu_compiler({.program = program.path(), .models = {path("a.tflite")}, .output = path("work/")});
  ASSERT_TRUE(result);
  EXPECT_THAT(result->failure, HasSubstr("without saying why"));
}

TEST_F(EdgetpuCompiler, WhatSaysNothingAboutTheModelIsAnError) {
  const StandInCompiler hangs = stand_in("sleep 1000");
  EdgetpuRequest request{.program = hangs.path(),
                         .models = {path("a.tflite")},
                         .output = path("work/x.tflite"),
                         .time_limit = std::chrono::milliseconds(300)};
  auto result = run_edgetpu_compiler(request);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().fault, base::Fault::runtime);
  EXPECT_THAT(result.error().message(), HasSubstr("0.3 s"));
  request.interrupted = [] { return true; };
  result = run_edgetpu_compiler(request);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().fault, base::Fault::interrupted);
  const StandInCompiler crashes = stand_in("echo last words; kill -SEGV $$");
  result =
      run_edgetpu_compiler({.program = crashes.path(), .models = {path("a.tflite")}, .output = path("work/x.tflite")});
  ASSERT_FALSE(result);
  EXPECT_THAT(result.error().message(), AllOf(HasSubstr("SIGSEGV"), HasSubstr("last words")));
  EXPECT_TRUE(files("work").empty());
}

TEST_F(EdgetpuCompiler, AFolderThatCannotBeWritten) {
  const StandInCompiler program = stand_in(works_);
  const auto result = run_edgetpu_compiler(
      {.program = program.path(), .models = {path("a.tflite")}, .output = path("made/x/y.tflite")});
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().fault, base::Fault::output);
  // Nothing is lost: the result lies where the message says.
  const std::string message = result.error().message();
  const auto at = message.find("What was made is in ");
  ASSERT_NE(at, std::string::npos) << message;
  EXPECT_THAT(message, HasSubstr(".edgescope-"));
}

TEST_F(EdgetpuCompiler, RequestsThatCannotBeMeant) {
  const StandInCompiler program = stand_in(works_);
  const auto fault = [&](EdgetpuRequest request) {
    request.program = program.path();
    const auto result = run_edgetpu_compiler(request);
    return result ? base::Fault::runtime : result.error().fault;
  };
  fs::create_directory(scratch_ / "other");
  write("other/a.tflite", "x");
  EXPECT_EQ(fault({.models = {path("a.tflite"), path("other/a.tflite")}}), base::Fault::usage);
  EXPECT_EQ(fault({.models = {path("a.tflite")}, .options = {"--out_dir=/x"}}), base::Fault::usage);
  EXPECT_EQ(fault({.models = {path("absent.tflite")}}), base::Fault::input);
  EXPECT_EQ(fault({}), base::Fault::usage);
  EXPECT_EQ(program.runs(), 0);
}

TEST_F(EdgetpuCompiler, IsFoundByFlagThenEnvironmentThenPath) {
  const StandInCompiler program = stand_in("");
  ASSERT_EQ(setenv("PATH", path("work").c_str(), 1), 0);
  ASSERT_EQ(unsetenv("EDGESCOPE_EDGETPU_COMPILER"), 0);
  const auto missing = find_edgetpu_compiler("");
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().fault, base::Fault::missing);
  EXPECT_THAT(missing.error().remedy, HasSubstr("edgetpu-compiler"));
  ASSERT_EQ(setenv("PATH", (path("work") + ":" + path("tools")).c_str(), 1), 0);
  EXPECT_EQ(*find_edgetpu_compiler(""), program.path());
  ASSERT_EQ(setenv("EDGESCOPE_EDGETPU_COMPILER", path("made").c_str(), 1), 0);
  EXPECT_EQ(*find_edgetpu_compiler(""), path("made"));
  EXPECT_EQ(*find_edgetpu_compiler(path("a.tflite")), path("a.tflite"));
  EXPECT_FALSE(find_edgetpu_compiler("/nonexistent"));
}

TEST(EdgetpuOptions, SegmentsAskedFor) {
  EXPECT_EQ(segments_asked_for({}), 1);
  EXPECT_EQ(segments_asked_for({"-a", "-n", "3"}), 3);
  EXPECT_EQ(segments_asked_for({"--num_segments=4"}), 4);
  EXPECT_EQ(segments_asked_for({"--num_segments", "2"}), 2);
  EXPECT_EQ(segments_asked_for({"-n"}), 1);
}

}  // namespace
}  // namespace edgescope::compiler
