// `edgescope forest` as its users run it: files, documents, exit codes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "base/json.h"
#include "support/run.h"
#include "support/scratch.h"

namespace edgescope::testing_support {
namespace {

namespace fs = std::filesystem;
using base::Json;
using ::testing::AllOf;
using ::testing::HasSubstr;

const std::string kForest = EDGESCOPE_SOURCE_DIR "/tests/data/xgboost/softprob.json";

Json document(const std::vector<std::string>& arguments) {
  std::vector<std::string> all = {"forest"};
  all.insert(all.end(), arguments.begin(), arguments.end());
  all.insert(all.end(), {"--format", "json"});
  const Finished done = run(edgescope_program(), all);
  EXPECT_EQ(done.exit, 0) << done.err;
  return Json::parse(done.out, nullptr, false);
}

TEST(Forest, ForTheEdgeTpu) {
  const Scratch scratch;
  const std::string out = scratch / "f.tflite", header = scratch / "my-forest.h";
  const Json json = document({kForest, "--target", "edgetpu", "--batch", "3", "-o", out, "--emit-header", header});
  ASSERT_TRUE(json.is_object());
  EXPECT_EQ(json["strategy"], "exact");
  EXPECT_EQ(json["program"]["files"], Json({out}));
  EXPECT_EQ(json["program"]["bytes"], fs::file_size(out));
  EXPECT_EQ(json["program"]["input"]["shape"][2], 3);
  EXPECT_EQ(json["check"]["verdict"], "compiles");
  EXPECT_EQ(json["check"]["placement"]["cpu"], 0);
  EXPECT_TRUE(json["fit"]["fits"].get<bool>());
  EXPECT_EQ(json["fit"]["trees_on_one_stick"], json["forest"]["trees"]);
  // What was written is a model like any other.
  const Finished check = run(edgescope_program(), {"check", out, "--target", "edgetpu"});
  EXPECT_EQ(check.exit, 0) << check.out;
  std::stringstream text;
  text << std::ifstream(header).rdbuf();
  EXPECT_THAT(text.str(),
              AllOf(HasSubstr("namespace my_forest {"), HasSubstr("void before("), HasSubstr("void after(")));
  const Finished shown = run(edgescope_program(), {"forest", kForest, "--target", "edgetpu", "-o", out});
  EXPECT_THAT(shown.out, AllOf(HasSubstr("Every operator is mapped"), HasSubstr("It fits"),
                               HasSubstr("rows of the chip's memory"), HasSubstr("--emit-header")));
}

TEST(Forest, EveryTargetAndFormat) {
  const Scratch scratch;
  for (const auto& [target, name] : {std::pair{"cpu", "f.tflite"},
                                     {"cpu", "f.onnx"},
                                     {"cpu", "f.xml"},
                                     {"ncs2", "g.xml"},
                                     {"ncs2", "g.onnx"},
                                     {"edgetpu", "g.tflite"}}) {
    const std::string out = scratch / name;
    const Json json = document({kForest, "--target", target, "--strategy", "exact", "-o", out});
    ASSERT_TRUE(json.is_object()) << name;
    EXPECT_EQ(json["target"], target);
    std::uint64_t bytes = 0;
    for (const Json& file : json["program"]["files"]) bytes += fs::file_size(file.get<std::string>());
    EXPECT_EQ(json["program"]["bytes"], bytes) << name;
    EXPECT_EQ(run(edgescope_program(), {"inspect", out}).exit, 0) << name;
    if (std::string(target) == "ncs2") {
      EXPECT_EQ(json["check"]["verdict"], "compiles") << name;
    }
  }
}

TEST(Forest, EveryStrategyAndTheChoice) {
  const Scratch scratch;
  for (const auto& [target, name] : {std::pair{"cpu", "f.tflite"}, {"cpu", "f.xml"}, {"ncs2", "g.xml"}})
    for (const char* strategy : {"exact", "ptt", "tt", "gemm"}) {
      const Json json = document({kForest, "--target", target, "--strategy", strategy, "-o", scratch / name});
      ASSERT_TRUE(json.is_object()) << name;
      EXPECT_EQ(json["strategy"], strategy);
      EXPECT_EQ(json["host"].is_null(), std::string(strategy) != "exact");
      EXPECT_EQ(json["candidates"].size(), 4u);
    }
  // Nothing else runs on the Edge TPU, and the compiler's rules say why.
  const Json json = document({kForest, "--target", "edgetpu", "-o", scratch / "f.tflite"});
  EXPECT_EQ(json["strategy"], "exact");
  EXPECT_THAT(json["why"].get<std::string>(), HasSubstr("only one that runs"));
  for (const Json& candidate : json["candidates"]) EXPECT_EQ(candidate["runs"], candidate["strategy"] == "exact");
  const Json chosen = document({kForest, "--target", "ncs2", "-o", scratch / "f.xml"});
  EXPECT_THAT(chosen["why"].get<std::string>(), HasSubstr("least predicted time"));
  for (const Json& candidate : chosen["candidates"]) EXPECT_GT(candidate["interval_us"][0], 0);
}

TEST(Forest, UsageAndInput) {
  const Scratch scratch;
  const auto exit = [](std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "forest");
    return run(edgescope_program(), arguments).exit;
  };
  EXPECT_EQ(exit({kForest}), 2);
  EXPECT_EQ(exit({kForest, "-o", scratch / "f.bin"}), 2);
  EXPECT_EQ(exit({kForest, "-o", scratch / "f.xml", "--target", "edgetpu"}), 2);
  EXPECT_EQ(exit({kForest, "-o", scratch / "f.tflite", "--target", "ncs2"}), 2);
  EXPECT_EQ(exit({kForest, "-o", scratch / "f.tflite", "--batch", "0"}), 2);
  EXPECT_EQ(exit({kForest, "-o", scratch / "f.tflite", "--strategy", "ptt", "--emit-header", scratch / "h.h"}), 2);
  EXPECT_EQ(exit({"/nowhere.json", "-o", scratch / "f.tflite"}), 3);
  EXPECT_EQ(exit({EDGESCOPE_SOURCE_DIR "/examples/digits/digits.onnx", "-o", scratch / "f.tflite"}), 3);
  EXPECT_FALSE(fs::exists(scratch / "f.tflite"));
  EXPECT_EQ(exit({kForest, "-o", "/nowhere/f.tflite"}), 70);
}

}  // namespace
}  // namespace edgescope::testing_support
