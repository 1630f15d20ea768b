// `edgescope compare` as its users run it: on every runtime that is installed here.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "base/json.h"
#include "base/mapped_file.h"
#include "format/tflite/reader.h"
#include "format/tflite/writer.h"
#include "runtime/catalog.h"
#include "support/reference.h"
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

// A device's programs on the runtimes that read their format: the NCS2's on its own vendor's old and new CPU plugin.
TEST(Compare, ProgramsOfDevicesRunOnCpus) {
  for (const char* forest : {"breast_cancer.treelite", "diabetes.txt"}) {
    const Finished ncs2 = compare({kForests + forest, "--target", "ncs2", "--on", "openvino:CPU,ie2021:CPU",
                                   "--strategy", "exact,gemm,tt,ptt", "--format", "json"});
    SKIP_WITHOUT_RUNTIMES(ncs2);
    const Json json = document(ncs2);
    EXPECT_EQ(json["target"], "ncs2");
    ASSERT_EQ(json["runs"].size(), 8u);
    for (const Json& run : json["runs"]) {
      if (run["on"] == "ie2021:CPU" && run["valid"] == false) continue;  // `make oracle` brings it
      ASSERT_EQ(run["valid"], true) << run;
      EXPECT_EQ(run["program"]["format"], "openvino-ir");
      if (run["strategy"] == "exact") {
        EXPECT_EQ(run["leaf_mismatches"], 0) << run;
        EXPECT_EQ(run["max_difference"], 0) << run;
      } else {
        EXPECT_EQ(run["program"]["numbers"], "float16");
        EXPECT_GT(run["causes"]["rounded"], 0) << run;
        EXPECT_EQ(run["causes"]["unexplained"], 0) << run;
      }
    }
    const Finished edgetpu = compare(
        {kForests + forest, "--target", "edgetpu", "--on", "tflite", "--strategy", "exact,ptt", "--format", "json"});
    EXPECT_EQ(edgetpu.exit, 0) << edgetpu.out;
    const Json runs = document(edgetpu)["runs"];
    EXPECT_EQ(runs[0]["leaf_mismatches"], 0) << runs;
    EXPECT_THAT(runs[1]["reason"].get<std::string>(), HasSubstr("the Edge TPU runs no ptt program"));
  }
  const Finished wrong = compare({kForests + "wine.ubj", "--target", "ncs2", "--on", "tflite", "--format", "json"});
  EXPECT_THAT(document(wrong)["runs"][0]["reason"].get<std::string>(), HasSubstr("an OpenVINO IR"));
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
  const Finished missing = compare({wine, "--on", "litert", "--runtimes", "/nonexistent", "--format", "json"});
  EXPECT_EQ(missing.exit, 4);
  EXPECT_EQ(document(missing)["runs"][0]["valid"], false);
}

const std::string kDigits = EDGESCOPE_SOURCE_DIR "/examples/digits/";

TEST(CompareNetworks, RuntimesOnTheExample) {
  const Finished done = compare({kDigits + "digits_float.tflite", "--on", "litert,tflite,openvino:CPU", "--property",
                                 "INFERENCE_PRECISION_HINT=f32", "--format", "json"});
  SKIP_WITHOUT_RUNTIMES(done);
  const Json json = document(done);
  EXPECT_EQ(done.exit, 0) << done.out << done.err;
  EXPECT_EQ(json["reference"]["on"], "litert");
  EXPECT_TRUE(json["other"].is_null());
  ASSERT_EQ(json["runs"].size(), 2u);
  for (const Json& run : json["runs"]) {
    ASSERT_EQ(run["valid"], true) << run;
    EXPECT_EQ(run["equal"], true) << run;
    EXPECT_EQ(run["outputs"][0]["values"], 160);
    EXPECT_LE(run["outputs"][0]["max_abs"], 1e-4);
    EXPECT_TRUE(run["outputs"][0].contains("max_ulps"));
  }
}

TEST(CompareNetworks, AModelAndItsConvertedAndFixedSelf) {
  const Scratch folder;
  const std::string ir = folder / "digits.xml", fixed = folder / "digits.tflite";
  ASSERT_EQ(run(edgescope_program(), {"convert", kDigits + "digits_float.tflite", "-o", ir}).exit, 0);
  const Finished converted =
      compare({kDigits + "digits_float.tflite", ir, "--on", "openvino:CPU", "--tolerance", "1e-5", "--format", "json"});
  SKIP_WITHOUT_RUNTIMES(converted);
  EXPECT_EQ(converted.exit, 0) << converted.out << converted.err;
  EXPECT_EQ(document(converted)["runs"][0]["model"], ir);
  const Finished fix =
      run(edgescope_program(), {"fix", kDigits + "digits_int8.tflite", "--target", "edgetpu", "-o", fixed});
  if (fix.exit > 1) GTEST_SKIP() << fix.err;
  const Finished same = compare({kDigits + "digits_int8.tflite", fixed, "--on", "litert", "--format", "json"});
  SKIP_WITHOUT_RUNTIMES(same);
  EXPECT_EQ(same.exit, 0) << same.out << same.err;
  EXPECT_EQ(document(same)["runs"][0]["same_bits"], true);
}

TEST(CompareNetworks, AQuantisedSelfDiffersAndSaysWhere) {
  const std::vector<std::string> pair = {kDigits + "digits_float.tflite", kDigits + "digits_int8.tflite", "--on",
                                         "litert"};
  std::vector<std::string> arguments = pair;
  arguments.insert(arguments.end(), {"--layers", "--format", "json"});
  const Finished done = compare(arguments);
  SKIP_WITHOUT_RUNTIMES(done);
  EXPECT_EQ(done.exit, 1) << done.out << done.err;
  const Json run = document(done)["runs"][0];
  ASSERT_EQ(run["valid"], true) << run;
  EXPECT_GT(run["outputs"][0]["snr_db"], 10) << "quantised, not broken";
  EXPECT_EQ(run["first_difference"]["found"], true) << run;
  EXPECT_EQ(run["cause"]["id"], "quantisation") << run;
  std::vector<std::string> loose = pair;
  loose.insert(loose.end(), {"--tolerance", "0.5"});
  const Finished text = compare(loose);
  EXPECT_EQ(text.exit, 0) << text.out;
  EXPECT_THAT(text.out, HasSubstr("the same within the tolerance"));
}

// A network and itself with one weight of one operator changed: that operator is where they part.
TEST(CompareNetworks, OneChangedWeightIsFoundAtItsOperator) {
  const Scratch folder;
  EDGESCOPE_MODEL_OR_SKIP(file, "cpu/mobilenet_v1_0.25_128_quant.tflite");
  const auto mapped = base::MappedFile::open(file);
  ASSERT_TRUE(mapped);
  const auto model = format::tflite::read(*mapped);
  ASSERT_TRUE(model);
  const auto& operators = model->subgraphs[0].operators;
  int changed = 0;
  for (const std::size_t op : {std::size_t{2}, std::size_t{13}, std::size_t{26}}) {
    ASSERT_LT(op, operators.size());
    graph::Model other = *model;
    graph::Tensor& weights = other.subgraphs[0].tensors[static_cast<std::size_t>(operators[op].inputs.at(1))];
    auto data = std::make_shared<std::vector<std::byte>>(weights.data.begin(), weights.data.end());
    for (std::size_t i = 0; i < 32 && i < data->size(); ++i) (*data)[i] ^= std::byte{0x40};
    other.owned.push_back(data);
    weights.data = *data;
    const std::string path = folder / "changed.tflite";
    ASSERT_TRUE(format::tflite::write(other, path));
    const Finished done = compare({file, path, "--on", "litert", "--rows", "4", "--layers", "--format", "json"});
    SKIP_WITHOUT_RUNTIMES(done);
    EXPECT_EQ(done.exit, 1) << done.err;
    const Json run = document(done)["runs"][0];
    ASSERT_EQ(run["first_difference"]["found"], true) << run;
    EXPECT_EQ(run["first_difference"]["operator"]["index"], op) << run["first_difference"];
    EXPECT_LE(run["first_difference"]["runs"], 9) << "bisection of 31 operators";
    EXPECT_EQ(run["cause"]["id"], "other-constant");
    ++changed;
  }
  EXPECT_EQ(changed, 3);
}

// TensorFlow Lite 2.9 takes the scales of fully connected weights that are quantised by channel for nothing.
TEST(CompareNetworks, AnotherFunctionIsFoundAtItsOperator) {
  const Finished done =
      compare({kDigits + "digits_int8.tflite", "--on", "litert,tflite", "--layers", "--format", "json"});
  SKIP_WITHOUT_RUNTIMES(done);
  const Json run = document(done)["runs"][0];
  if (run["valid"] != true) GTEST_SKIP() << run["reason"];
  EXPECT_EQ(done.exit, 1);
  EXPECT_EQ(run["first_difference"]["looked_for"], "another function");
  EXPECT_EQ(run["first_difference"]["operator"]["kind"], "fully_connected") << run;
  EXPECT_EQ(run["cause"]["id"], "per-channel-weights") << run;
}

// What one runtime does not read can be held against the answers of another.
TEST(CompareNetworks, TheFirstModelsAnswersStandInWhereARuntimeDoesNotReadIt) {
  const Scratch folder;
  const std::string ir = folder / "digits.xml";
  const Finished made =
      run(edgescope_program(), {"convert", kDigits + "digits_float.tflite", "--ir-version", "10", "-o", ir});
  ASSERT_EQ(made.exit, 0) << made.err;
  const Finished done = compare({kDigits + "digits_float.tflite", ir, "--on", "litert,ie2021:CPU", "--property",
                                 "ENFORCE_BF16=NO", "--format", "json"});
  SKIP_WITHOUT_RUNTIMES(done);
  const Json runs = document(done)["runs"];
  ASSERT_EQ(runs.size(), 2u);
  EXPECT_EQ(runs[0]["valid"], false) << "LiteRT reads no IR";
  if (runs[1]["valid"] != true) GTEST_SKIP() << runs[1]["reason"];
  EXPECT_EQ(runs[1]["against"]["on"], "litert");
  EXPECT_EQ(runs[1]["equal"], true) << runs[1];
  EXPECT_EQ(done.exit, 0);
}

TEST(CompareNetworks, GivenInputs) {
  const Scratch folder;
  const std::string raw = folder / "input.bin";
  std::ofstream(raw, std::ios::binary) << std::string(3 * 8 * 8 * 4, '\0');
  const Finished done =
      compare({kDigits + "digits_float.tflite", "--on", "litert,tflite", "--inputs", raw, "--format", "json"});
  SKIP_WITHOUT_RUNTIMES(done);
  EXPECT_EQ(done.exit, 0) << done.err;
  EXPECT_EQ(document(done)["rows"], 3);
  EXPECT_EQ(document(done)["rows_from"], raw);
  std::ofstream(raw, std::ios::binary | std::ios::app) << 'x';
  EXPECT_EQ(compare({kDigits + "digits_float.tflite", "--on", "litert,tflite", "--inputs", raw}).exit, 3);
}

// Coral's own runtime on a simulated stick, which answers with what the source's operators compute.
TEST(CompareNetworks, ACompiledModelIsHeldAgainstItsSource) {
  EDGESCOPE_MODEL_OR_SKIP(source, "cpu/split_concat.tflite");
  EDGESCOPE_MODEL_OR_SKIP(compiled, "edgetpu/split_concat_edgetpu.tflite");
  const Finished done =
      compare({source, compiled, "--on", "litert,edgetpu:virtual", "--rows", "2", "--layers", "--format", "json"});
  SKIP_WITHOUT_RUNTIMES(done);
  const Json runs = document(done)["runs"];
  ASSERT_EQ(runs.size(), 2u);
  EXPECT_EQ(runs[0]["valid"], false) << "LiteRT has no operator of the Edge TPU's";
  if (runs[1]["valid"] != true) GTEST_SKIP() << runs[1]["reason"];
  EXPECT_EQ(runs[1]["against"]["on"], "litert");
  EXPECT_EQ(runs[1]["same_bits"], true) << runs[1];
  EXPECT_EQ(runs[1]["outputs"].size(), 5u);
  EXPECT_THAT(runs[1]["note"].get<std::string>(), HasSubstr("the chip's own arithmetic is not"));
  EXPECT_EQ(done.exit, 0);
  const Json alone = document(compare({compiled, "--on", "edgetpu:virtual,litert", "--format", "json"}));
  EXPECT_THAT(alone["runs"][0]["reason"].get<std::string>(), HasSubstr("answers zeros unless it knows"));
}

// What computes nothing predicts nothing: no comparison, and no cause that is made up for one.
TEST(CompareNetworks, TheSimulatedNcs2IsRefused) {
  if (const auto found = runtime::find("ncs2:virtual"); !found) GTEST_SKIP() << found.error().message();
  for (const std::vector<std::string>& what :
       {std::vector<std::string>{kDigits + "digits.onnx", "--on", "openvino:CPU,ncs2:virtual"},
        std::vector<std::string>{kForests + "wine.ubj", "--on", "ncs2:virtual"}}) {
    auto arguments = what;
    arguments.insert(arguments.end(), {"--format", "json"});
    const Json runs = document(compare(arguments))["runs"];
    ASSERT_EQ(runs.size(), 1u) << runs;
    EXPECT_EQ(runs[0]["valid"], false) << runs;
    EXPECT_THAT(runs[0]["reason"].get<std::string>(), HasSubstr("its outputs are no predictions"));
  }
}

TEST(CompareNetworks, PicturesAreInputs) {
  const Scratch folder;
  const std::string picture = folder / "grey.bmp";  // one grey pixel, 8 times as wide and as high for the network
  std::ofstream(picture, std::ios::binary)
      << std::string("BM\0\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0\x01\0\0\0\x01\0\0\0\x01\0\x18\0", 30)
      << std::string(24, '\0') << "\x40\x40\x40.";
  const std::vector<std::string> floats = {kDigits + "digits_float.tflite", "--on", "litert,tflite", "--format",
                                           "json"};
  const auto with = [&](std::vector<std::string> more) {
    more.insert(more.begin(), floats.begin(), floats.end());
    return compare(more);
  };
  const Finished done = with({"--inputs", picture + "," + picture});
  SKIP_WITHOUT_RUNTIMES(done);
  EXPECT_EQ(done.exit, 0) << done.err;
  EXPECT_EQ(document(done)["rows"], 2);
  EXPECT_THAT(
      document(done)["rows_from"].get<std::string>(),
      HasSubstr(picture + ": 1x1 resized to 8x8 (bilinear, half-pixel centres), grey, channels last, bytes / 255"));
  EXPECT_THAT(
      document(with({"--inputs", picture, "--mean", "127.5", "--scale", "127.5"}))["rows_from"].get<std::string>(),
      HasSubstr("(bytes - 127.5) / 127.5"));
  EXPECT_EQ(with({"--mean", "1"}).exit, 2) << "inputs are drawn";
  const std::string raw = folder / "raw.bin";
  std::ofstream(raw, std::ios::binary) << std::string(8 * 8 * 4, '\0');
  EXPECT_EQ(with({"--inputs", raw, "--mean", "1"}).exit, 2) << "no picture is given";
  std::ofstream(picture, std::ios::binary) << "BM";
  EXPECT_EQ(with({"--inputs", picture}).exit, 3);
}

TEST(CompareNetworks, SaysWhatCannotBe) {
  const std::string model = kDigits + "digits_int8.tflite", wine = kForests + "wine.ubj";
  EXPECT_EQ(compare({model, "--on", "litert"}).exit, 2) << "nothing to compare with";
  EXPECT_EQ(compare({model, "--on", "litert,tflite", "--strategy", "exact"}).exit, 2);
  EXPECT_EQ(compare({model, "--on", "litert,tflite", "--tolerance", "much"}).exit, 2);
  EXPECT_EQ(compare({wine, model, "--on", "litert"}).exit, 2) << "a forest and a network";
  EXPECT_EQ(compare({model, "/nonexistent.tflite", "--on", "litert"}).exit, 3);
  const Finished missing = compare({model, "--on", "litert,tflite", "--runtimes", "/nonexistent", "--format", "json"});
  EXPECT_EQ(missing.exit, 4);
  EXPECT_EQ(document(missing)["runs"].size(), 2u);
  EXPECT_EQ(document(missing)["runs"][0]["valid"], false);
}

}  // namespace
}  // namespace edgescope::testing_support
