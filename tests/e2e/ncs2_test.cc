// What the built program says of the NCS2: blobs, and the simulated stick among the runtimes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <iterator>

#include "base/json.h"
#include "support/reference.h"
#include "support/run.h"
#include "support/scratch.h"

namespace edgescope::testing_support {
namespace {

using testing::HasSubstr;

const std::string kBlob = EDGESCOPE_SOURCE_DIR "/tests/fuzz/corpus/myriad/three_stages.blob";
const std::string kDigits = EDGESCOPE_SOURCE_DIR "/examples/digits/digits.onnx";

TEST(Ncs2, InspectReadsABlob) {
  const Finished text = run(edgescope_program(), {"inspect", kBlob});
  ASSERT_EQ(text.exit, 0) << text.err;
  EXPECT_THAT(text.out, HasSubstr("3: 1 on the hardware accelerator, 1 on the SHAVE processors, 1 by DMA"));
  const Finished json = run(edgescope_program(), {"inspect", kBlob, "--format", "json"});
  const auto document = base::parse_json(json.out, "stdout");
  ASSERT_TRUE(document);
  EXPECT_EQ((*document)["myriad"]["stages"].size(), 3u);
  EXPECT_EQ((*document)["myriad"]["basis"], "exact");
}

TEST(Ncs2, ASimulatedStickHasNoLatency) {
  const Finished done = run(edgescope_program(), {"bench", kDigits, "--on", "ncs2:virtual", "--format", "json"});
  EXPECT_EQ(done.exit, 4);
  EXPECT_THAT(done.err, testing::AnyOf(HasSubstr("a simulated stick and has no latency"), HasSubstr("make oracle")));
}

TEST(Ncs2, CheckPredictsWhatTheCompilerSays) {
  const Finished rules = run(edgescope_program(), {"check", kDigits, "--target", "ncs2", "--format", "json"});
  ASSERT_EQ(rules.exit, 0) << rules.err;
  const auto predicted = base::parse_json(rules.out, "stdout");
  ASSERT_TRUE(predicted);
  EXPECT_EQ((*predicted)["verdict"], "compiles");
  EXPECT_FALSE(predicted->contains("oracle"));
  EXPECT_THAT(run(edgescope_program(), {"check", kDigits, "--target", "ncs2"}).out, HasSubstr("Compiles for the NCS2"));

  const Finished asked = run(edgescope_program(), {"check", kDigits, "--target", "ncs2", "--oracle", "--format", "json",
                                                   "--property", "MYRIAD_THROUGHPUT_STREAMS=1"});
  if (asked.exit == 4) GTEST_SKIP() << asked.err;
  ASSERT_EQ(asked.exit, 0) << asked.err;
  const auto document = base::parse_json(asked.out, "stdout");
  ASSERT_TRUE(document);
  EXPECT_EQ((*document)["predicted_verdict"], "compiles");
  EXPECT_EQ((*document)["oracle"]["agrees"], true);
  EXPECT_EQ((*document)["myriad"]["shaves"], 16) << "the setting reached the compiler";

  for (const char* setting : {"NO_SUCH=1", "MYRIAD_THROUGHPUT_STREAMS=many"}) {
    const Finished refused =
        run(edgescope_program(), {"check", kDigits, "--target", "ncs2", "--oracle", "--property", setting});
    EXPECT_EQ(refused.exit, 2) << "says nothing of the network: " << refused.out;
    EXPECT_THAT(refused.err, HasSubstr(setting));
  }
}

TEST(Ncs2, TheCaseOfTheNotebook) {
  EDGESCOPE_REFERENCE_OR_SKIP(nets, "ncs2/nets");
  for (const auto& [name, exit] :
       {std::pair{"less_equal__2d_cast.xml", 1}, {"less__2d_cast.xml", 0}, {"equal__2d_cast.xml", 0}}) {
    const std::string net = nets / name;
    const Finished rules = run(edgescope_program(), {"check", net, "--target", "ncs2"});
    EXPECT_EQ(rules.exit, exit) << name << rules.err;
    EXPECT_EQ(rules.out.find("Not(Greater(a, b))") != std::string::npos, exit == 1) << "the remedy";
    const Finished asked = run(edgescope_program(), {"check", net, "--target", "ncs2", "--oracle"});
    if (asked.exit == 4) GTEST_SKIP() << asked.err;
    EXPECT_EQ(asked.exit, exit) << name << asked.err;
  }
}

TEST(Ncs2, CompileWritesTheBlobThatInspectReads) {
  const Scratch scratch;
  const std::string blob = scratch / "digits.blob";
  const Finished done = run(edgescope_program(), {"compile", kDigits, "--target", "ncs2", "-o", blob, "--property",
                                                  "MYRIAD_THROUGHPUT_STREAMS=1", "--format", "json"});
  if (done.exit == 4) GTEST_SKIP() << done.err;
  ASSERT_EQ(done.exit, 0) << done.err;
  const auto document = base::parse_json(done.out, "stdout");
  ASSERT_TRUE(document);
  EXPECT_EQ((*document)["verdict"], "compiles");
  EXPECT_EQ((*document)["output"], blob);
  EXPECT_EQ((*document)["compiler"]["on"], "ncs2:virtual");
  EXPECT_EQ((*document)["compiler"]["settings"]["MYRIAD_THROUGHPUT_STREAMS"], "1");
  EXPECT_EQ((*document)["myriad"]["shaves"], 16);
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(scratch.path()), {}), 1) << "nothing else is left";
  const Finished read = run(edgescope_program(), {"inspect", blob, "--format", "json"});
  const auto inspected = base::parse_json(read.out, "stdout");
  ASSERT_TRUE(inspected);
  EXPECT_EQ((*inspected)["myriad"]["kinds"], (*document)["myriad"]["kinds"]);
  EXPECT_THAT(run(edgescope_program(), {"compile", kDigits, "--target", "ncs2", "-o", scratch.path()}).out,
              HasSubstr("resources  9 CMX slices, 7 SHAVEs"));
}

TEST(Ncs2, CompileByTheOfflineCompiler) {
  const Scratch scratch;
  const Finished done =
      run(edgescope_program(),
          {"compile", kDigits, "--target", "ncs2", "-o", scratch / "x.blob", "--with", "myriad_compile", "--property",
           "VPU_HW_STAGES_OPTIMIZATION=NO", "--format", "json", "--", "-op", "FP32"});
  if (done.exit == 4) GTEST_SKIP() << done.err;
  ASSERT_EQ(done.exit, 0) << done.err;
  const auto document = base::parse_json(done.out, "stdout");
  ASSERT_TRUE(document);
  EXPECT_THAT((*document)["compiler"]["version"].get<std::string>(), HasSubstr("2021.3"));
  EXPECT_EQ((*document)["myriad"]["engines"]["hardware"], 0) << "the setting reached the compiler";
  EXPECT_EQ((*document)["myriad"]["output_bytes"], 40) << "and so did its own option";
}

TEST(Ncs2, WhatDoesNotCompileIsOneInTheCompilersWords) {
  EDGESCOPE_REFERENCE_OR_SKIP(net, "ncs2/nets/less_equal__2d_cast.xml");
  const Scratch scratch;
  for (const char* with : {"plugin", "myriad_compile"}) {
    const Finished done =
        run(edgescope_program(), {"compile", net, "--target", "ncs2", "-o", scratch / "x.blob", "--with", with});
    if (done.exit == 4) GTEST_SKIP() << done.err;
    EXPECT_EQ(done.exit, 1) << done.err;
    EXPECT_THAT(done.out, HasSubstr("types check error"));
    EXPECT_THAT(done.out, HasSubstr("Not(Greater(a, b))"));
    EXPECT_TRUE(std::filesystem::is_empty(scratch.path()));
  }
  EXPECT_EQ(run(edgescope_program(), {"predict", net, "--target", "ncs2"}).exit, 3);
}

TEST(Ncs2, WithoutThePluginItSaysWhatBringsItAndTheRulesAnswer) {
  const Scratch scratch;
  for (std::vector<std::string> words :
       {std::vector<std::string>{"compile", kDigits, "--target", "ncs2", "-o", scratch / "x.blob"},
        {"compile", kDigits, "--target", "ncs2", "-o", scratch / "x.blob", "--with", "myriad_compile"}}) {
    words.insert(words.end(), {"--runtimes", "/nonexistent"});
    const Finished done =
        run(edgescope_program(), words, {.environment = {{"EDGESCOPE_IE2021", ""}, {"EDGESCOPE_MYRIAD_COMPILE", ""}}});
    EXPECT_EQ(done.exit, 4) << done.err;
    EXPECT_THAT(done.out, HasSubstr("By the rules it compiles"));
    EXPECT_THAT(done.err, HasSubstr("make oracle"));
  }
  EXPECT_EQ(run(edgescope_program(), {"predict", kDigits, "--target", "ncs2", "--runtimes", "/nonexistent"}).exit, 4);
}

TEST(Ncs2, CalibrateLooksAtRealInputs) {
  const std::string images = EDGESCOPE_SOURCE_DIR "/examples/digits/test_images.npy";
  const Finished done =
      run(edgescope_program(), {"check", kDigits, "--target", "ncs2", "--calibrate", images, "--format", "json"});
  if (done.exit == 4) GTEST_SKIP() << done.err;
  ASSERT_EQ(done.exit, 0) << done.err;
  const auto document = base::parse_json(done.out, "stdout");
  ASSERT_TRUE(document);
  const base::Json& seen = (*document)["calibration"];
  EXPECT_EQ(seen["rows"], 450);
  EXPECT_EQ(seen["on"], "ie2021:CPU");
  EXPECT_TRUE(seen["not_seen"].empty()) << seen["not_seen"].dump();
  EXPECT_EQ(seen["tensors"][0]["name"], "image");
  EXPECT_EQ(seen["tensors"][0]["range"], base::Json::array({0.0, 16.0}));
  EXPECT_EQ(run(edgescope_program(), {"check", kDigits, "--target", "ncs2", "--calibrate", kBlob}).exit, 3);
  EXPECT_EQ(run(edgescope_program(), {"check", kDigits, "--target", "ncs2", "--calibrate", images, images}).exit, 2);
}

TEST(Ncs2, PredictNamesItsTerms) {
  const Finished done = run(edgescope_program(), {"predict", kDigits, "--target", "ncs2"});
  if (done.exit == 4) GTEST_SKIP() << done.err;
  ASSERT_EQ(done.exit, 0) << done.err;
  EXPECT_THAT(done.out, HasSubstr("predicted(stage law)"));
  EXPECT_THAT(done.out, HasSubstr("floor"));
  EXPECT_THAT(done.out, HasSubstr(" mJ an inference"));
}

TEST(Ncs2, AnalyzeSaysWhatTheStickWouldMakeOfIt) {
  const Scratch scratch;
  const Finished done = run(edgescope_program(), {"analyze", kDigits, "--on", "null", "--time-limit", "1", "--html",
                                                  scratch / "report.html", "--format", "json"});
  ASSERT_EQ(done.exit, 0) << done.err;
  const auto document = base::parse_json(done.out, "stdout");
  ASSERT_TRUE(document);
  ASSERT_EQ((*document)["check"].size(), 1u);
  const base::Json& check = (*document)["check"][0];
  EXPECT_EQ(check["target"], "ncs2");
  EXPECT_EQ(check["verdict"], "compiles");
  const bool oracle = run(edgescope_program(), {"check", kDigits, "--target", "ncs2", "--oracle"}).exit != 4;
  EXPECT_EQ(check.contains("myriad"), oracle);
  EXPECT_EQ(check.contains("prediction"), oracle);
  const Finished quick = run(edgescope_program(), {"analyze", kDigits, "--on", "null", "--quick"});
  EXPECT_THAT(quick.out, HasSubstr("Compiles for the NCS2"));
  EXPECT_THAT(quick.out, HasSubstr("by the rules of the compiler's own stages"));
}

TEST(Ncs2, WhatBelongsToTheOtherDeviceIsAUsageError) {
  const auto exit = [](std::vector<std::string> words) { return run(edgescope_program(), words).exit; };
  EXPECT_EQ(exit({"check", kDigits, "--target", "ncs2", "--megahertz", "250"}), 2);
  EXPECT_EQ(exit({"check", kDigits, "--target", "ncs2", "--compiled", kBlob}), 2);
  EXPECT_EQ(exit({"check", kDigits, "--target", "ncs2", "--property", "A=B"}), 2);
  EXPECT_EQ(exit({"check", kDigits, "--target", "edgetpu", "--oracle"}), 2);
  EXPECT_EQ(exit({"check", kDigits, "--target", "ncs2", "--on", "ie2021:MYRIAD"}), 2);
  EXPECT_EQ(exit({"compile", kDigits, "--target", "ncs2", "--plan"}), 2);
  EXPECT_EQ(exit({"compile", kDigits, kDigits, "--target", "ncs2"}), 2);
  EXPECT_EQ(exit({"compile", kDigits, "--target", "ncs2", "--", "-op", "FP32"}), 2);
  EXPECT_EQ(exit({"compile", kDigits, "--target", "edgetpu", "--with", "myriad_compile"}), 2);
  EXPECT_EQ(exit({"predict", kDigits, "--target", "ncs2", "--megahertz", "250"}), 2);
  EXPECT_EQ(exit({"predict", kDigits, "--target", "edgetpu", "--property", "A=B"}), 2);
  EXPECT_EQ(exit({"check", kDigits, "--target", "ncs2", "--oracle", "--runtimes", "/nonexistent"}), 4);
}

}  // namespace
}  // namespace edgescope::testing_support
