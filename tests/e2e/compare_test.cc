// `edgescope compare` as its users run it: on every runtime that is installed here.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "base/json.h"
#include "support/run.h"
#include "support/scratch.h"

namespace edgescope::testing_support {
namespace {

using base::Json;
using ::testing::HasSubstr;

const std::string kForests = EDGESCOPE_SOURCE_DIR "/examples/forests/";

Finished compare(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), "compare");
  return run(edgescope_program(), arguments, {.limit_seconds = 110});
}

Json document(const Finished& done) {
  const Json json = Json::parse(done.out, nullptr, false);
  EXPECT_FALSE(json.is_discarded()) << done.err;
  return json;
}

#define SKIP_WITHOUT_RUNTIMES(done) \
  if ((done).exit == 4) GTEST_SKIP() << "no runtime is installed: `make runtimes` brings them"

TEST(Compare, TheExactProgramReachesEveryLeafOnEveryRuntime) {
  for (const char* forest : {"breast_cancer.treelite", "wine.ubj", "diabetes.txt"}) {
    const Finished done = compare({kForests + forest, "--format", "json"});
    SKIP_WITHOUT_RUNTIMES(done);
    EXPECT_EQ(done.exit, 0) << forest << done.out << done.err;
    const Json json = document(done);
    EXPECT_EQ(json["command"], "compare");
    EXPECT_FALSE(json["runs"].empty());
    for (const Json& run : json["runs"]) {
      EXPECT_EQ(run["valid"], true) << forest << run;
      EXPECT_EQ(run["strategy"], "exact");
      EXPECT_EQ(run["leaf_mismatches"], 0) << forest << run;
      EXPECT_EQ(run["label_flips"], 0) << forest << run;
      EXPECT_EQ(run["max_difference"], 0) << forest << run;
      EXPECT_GT(run["rows"].get<int>(), 1000);
    }
  }
}

// Sets, missing values of all kinds, every comparison, doubles, vectors in leaves: through file, program and runtime.
TEST(Compare, FilesOfEveryKindAreExact) {
  for (const char* file :
       {"xgboost/categories_ubj.ubj", "xgboost/vector_leaves.ubj", "lightgbm/categories.txt",
        "lightgbm/zero_as_missing.txt", "lightgbm/no_missing.txt", "treelite/op_equal.treelite",
        "treelite/post_softmax.treelite", "onnx_trees/modes_double.onnx", "onnx_trees/version5.onnx"}) {
    const Finished done =
        compare({std::string(EDGESCOPE_SOURCE_DIR "/tests/data/") + file, "--on", "litert", "--format", "json"});
    SKIP_WITHOUT_RUNTIMES(done);
    EXPECT_EQ(done.exit, 0) << file << done.out << done.err;
    EXPECT_EQ(document(done)["runs"][0]["leaf_mismatches"], 0) << file;
  }
}

TEST(Compare, TheLibrarysPredictionsAreEqualBitForBit) {
  const std::pair<const char*, const char*> forests[] = {
      {"breast_cancer", ".treelite"}, {"digits", ".treelite"}, {"wine", ".ubj"}, {"diabetes", ".txt"}};
  for (const auto& [name, suffix] : forests) {
    const std::string stem = kForests + name;
    const Finished done = compare({stem + suffix, "--inputs", stem + ".rows.npy", "--expected",
                                   stem + ".predictions.npy", "--on", "litert", "--format", "json"});
    SKIP_WITHOUT_RUNTIMES(done);
    EXPECT_EQ(done.exit, 0) << name << done.out << done.err;
    const Json json = document(done);
    EXPECT_EQ(json["reference"], "expected");
    EXPECT_EQ(json["runs"][0]["max_difference"], 0) << name;
  }
}

TEST(Compare, MismatchesOfFloatProgramsAreCountedAndExplained) {
  const Finished done =
      compare({kForests + "breast_cancer.treelite", "--strategy", "ptt", "--on", "litert", "--format", "json"});
  SKIP_WITHOUT_RUNTIMES(done);
  EXPECT_EQ(done.exit, 1) << done.err;
  const Json run = document(done)["runs"][0];
  EXPECT_GT(run["leaf_mismatches"].get<int>(), 0);
  EXPECT_EQ(run["causes"]["unexplained"], 0) << run;
  EXPECT_THAT(run["explanation"].get<std::string>(), HasSubstr("rounds a number"));
}

TEST(Compare, WrongPredictionsAreAMismatch) {
  const Scratch folder;
  const std::string wrong = folder / "wrong.npy", stem = kForests + "wine";
  std::ifstream in(stem + ".predictions.npy", std::ios::binary);
  std::string bytes{std::istreambuf_iterator<char>(in), {}};
  const double seven = 7;
  bytes.replace(bytes.size() - sizeof seven, sizeof seven, reinterpret_cast<const char*>(&seven), sizeof seven);
  std::ofstream(wrong, std::ios::binary) << bytes;
  const Finished done = compare({stem + ".ubj", "--inputs", stem + ".rows.npy", "--expected", wrong, "--on", "litert"});
  SKIP_WITHOUT_RUNTIMES(done);
  EXPECT_EQ(done.exit, 1);
  EXPECT_THAT(done.out, HasSubstr("1 of 1 runs predict something else"));
}

TEST(Compare, SaysWhatCannotBe) {
  const std::string wine = kForests + "wine.ubj";
  EXPECT_EQ(compare({wine, "--expected", kForests + "wine.predictions.npy"}).exit, 2);
  EXPECT_EQ(compare({wine, "--strategy", "magic"}).exit, 2);
  EXPECT_EQ(compare({wine, "--on", "nowhere"}).exit, 2);
  EXPECT_EQ(compare({wine, "--inputs", kForests + "digits.rows.npy"}).exit, 3);
  EXPECT_EQ(compare({EDGESCOPE_SOURCE_DIR "/examples/digits/digits_int8.tflite"}).exit, 3);
  const Finished missing = compare({wine, "--on", "litert", "--runtimes", "/nonexistent", "--format", "json"});
  EXPECT_EQ(missing.exit, 4);
  EXPECT_EQ(document(missing)["runs"][0]["valid"], false);
}

}  // namespace
}  // namespace edgescope::testing_support
