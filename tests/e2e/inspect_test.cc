// `edgescope inspect` as its users run it: outputs, exit codes, and what must hold for every model.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <numeric>
#include <sstream>

#include "base/json.h"
#include "support/reference.h"
#include "support/run.h"
#include "support/scratch.h"

namespace edgescope::testing_support {
namespace {

using base::Json;

const std::string kExamples = EDGESCOPE_SOURCE_DIR "/examples/digits/";

Finished inspect(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), "inspect");
  return run(edgescope_program(), arguments);
}

Json inspect_json(const std::string& path) {
  const Finished done = inspect({path, "--format", "json"});
  EXPECT_EQ(done.exit, 0) << done.err;
  return Json::parse(done.out, nullptr, false);
}

std::uint64_t sum(const Json& records, const char* key) {
  std::uint64_t total = 0;
  for (const Json& record : records)
    if (record.contains(key) && record[key].is_number()) total += record[key].get<std::uint64_t>();
  return total;
}

// What holds for any model whatever.
void expect_sound(const Json& json, const std::string& path) {
  ASSERT_TRUE(json.is_object()) << path;
  EXPECT_EQ(json["schema_version"], 1);
  EXPECT_EQ(json["command"], "inspect");
  EXPECT_EQ(json["input"], path);
  const Json& model = json["model"];
  const Json& totals = model["totals"];
  for (const Json& file : model["files"]) {
    EXPECT_EQ(file["bytes"], std::filesystem::file_size(file["path"].get<std::string>())) << path;
    EXPECT_EQ(sum(file["owners"], "bytes"), file["bytes"]) << path;
  }
  EXPECT_EQ(sum(model["files"], "bytes"), totals["file_bytes"]) << path;
  for (const char* key : {"macs", "parameters", "weight_bytes", "read_bytes", "written_bytes"}) {
    EXPECT_EQ(sum(model["operators"], key), totals[key]) << path << ' ' << key;
    EXPECT_EQ(sum(model["kinds"], key), totals[key]) << path << ' ' << key;
  }
  EXPECT_EQ(model["operators"].size(), totals["operators"]) << path;
  EXPECT_EQ(model["tensors"].size(), totals["tensors"]) << path;
  // Operators and tensors own nothing that the files do not give them.
  std::uint64_t owned = 0;
  for (const Json& file : model["files"])
    for (const Json& owner : file["owners"])
      if (owner["owner"] == "weights" || owner["owner"] == "operators" || owner["owner"] == "tensors")
        owned += owner["bytes"].get<std::uint64_t>();
  EXPECT_EQ(sum(model["operators"], "file_bytes") + sum(model["tensors"], "file_bytes"), owned) << path;
}

TEST(Inspect, ExamplesInThreeFormats) {
  std::vector<std::uint64_t> macs;
  for (const char* name : {"digits_int8.tflite", "digits_float.tflite", "digits.onnx", "digits.xml"}) {
    const Json json = inspect_json(kExamples + name);
    expect_sound(json, kExamples + name);
    macs.push_back(json["model"]["totals"]["macs"]);
  }
  // One network, so one amount of work.
  for (std::uint64_t figure : macs) EXPECT_EQ(figure, macs.front());
  EXPECT_GT(macs.front(), 0u);
}

TEST(Inspect, EveryReferenceModel) {
  EDGESCOPE_MODEL_OR_SKIP(folder, "cpu");
  int models = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder.parent_path()))
    if (entry.path().extension() == ".tflite") {
      expect_sound(inspect_json(entry.path().string()), entry.path().string());
      ++models;
    }
  EXPECT_GT(models, 30);
}

TEST(Inspect, PublishedMultiplyAccumulates) {
  EDGESCOPE_MODEL_OR_SKIP(v2, "cpu/mobilenet_v2_1.0_224_quant.tflite");
  EDGESCOPE_MODEL_OR_SKIP(v1, "cpu/mobilenet_v1_0.25_128_quant.tflite");
  // The papers' tables: 300 million and 14 million.
  EXPECT_NEAR(inspect_json(v2)["model"]["totals"]["macs"].get<double>(), 300e6, 3e6);
  EXPECT_NEAR(inspect_json(v1)["model"]["totals"]["macs"].get<double>(), 14e6, 0.5e6);
}

TEST(Inspect, EveryOutputFormatParses) {
  const std::string file = kExamples + "digits_int8.tflite";
  const std::size_t operators = inspect_json(file)["model"]["operators"].size();
  std::istringstream lines(inspect({file, "--format", "jsonl"}).out);
  std::size_t records = 0;
  for (std::string line; std::getline(lines, line); ++records)
    EXPECT_TRUE(Json::parse(line, nullptr, false).is_object()) << line;
  EXPECT_EQ(records, operators);
  const std::string csv = inspect({file, "--format", "csv"}).out;
  EXPECT_EQ(static_cast<std::size_t>(std::count(csv.begin(), csv.end(), '\n')), operators + 1);
  const std::string markdown = inspect({file, "--format", "md"}).out;
  EXPECT_NE(markdown.find("| owner | bytes | share |"), std::string::npos);
  const Finished text = inspect({file});
  EXPECT_EQ(text.exit, 0);
  EXPECT_NE(text.out.find("MACs"), std::string::npos);
  EXPECT_EQ(text.err, "");
}

TEST(Inspect, TensorsAndLimits) {
  const std::string file = kExamples + "digits_int8.tflite";
  const std::size_t tensors = inspect_json(file)["model"]["tensors"].size();
  const std::string csv = inspect({file, "--tensors", "--format", "csv"}).out;
  EXPECT_EQ(static_cast<std::size_t>(std::count(csv.begin(), csv.end(), '\n')), tensors + 1);
  std::istringstream lines(inspect({file, "--operators", "2", "--sort", "macs", "--format", "jsonl"}).out);
  std::vector<std::uint64_t> macs;
  for (std::string line; std::getline(lines, line);) macs.push_back(Json::parse(line)["macs"].get<std::uint64_t>());
  ASSERT_EQ(macs.size(), 2u);
  EXPECT_GE(macs[0], macs[1]);
  EXPECT_GT(macs[1], 0u);
}

TEST(Inspect, NothingDiffersFromItself) {
  const std::string file = kExamples + "digits_int8.tflite";
  const Finished done = inspect({file, "--format", "json", "--", file});
  ASSERT_EQ(done.exit, 0) << done.err;
  const Json json = Json::parse(done.out);
  EXPECT_EQ(json["input"], Json::array({file, file}));
  for (const Json& row : json["differences"]["totals"]) EXPECT_EQ(row["change"], 0) << row;
  for (const char* list : {"operators", "tensors"})
    for (const char* side : {"added", "removed", "changed"})
      EXPECT_TRUE(json["differences"][list][side].empty()) << list << side;
}

TEST(Inspect, QuantisingShowsAsADifference) {
  const Finished done =
      inspect({kExamples + "digits_int8.tflite", "--format", "json", "--", kExamples + "digits_float.tflite"});
  ASSERT_EQ(done.exit, 0) << done.err;
  const Json differences = Json::parse(done.out)["differences"];
  for (const Json& row : differences["totals"]) {
    EXPECT_EQ(row["change"].get<std::int64_t>(), row["new"].get<std::int64_t>() - row["old"].get<std::int64_t>());
    if (row["total"] == "file_bytes") {
      EXPECT_LT(row["change"], 0);
    } else if (row["total"] == "macs") {
      EXPECT_EQ(row["change"], 0);
    }
  }
  EXPECT_FALSE(differences["tensors"]["changed"].empty() && differences["tensors"]["added"].empty());
}

TEST(Inspect, UsageErrors) {
  const std::string file = kExamples + "digits.onnx";
  for (const std::vector<std::string>& arguments : std::vector<std::vector<std::string>>{{},
                                                                                         {file, file},
                                                                                         {file, "--no-such-flag"},
                                                                                         {file, "--format", "yaml"},
                                                                                         {file, "--operators", "many"},
                                                                                         {file, "--sort", "name"},
                                                                                         {file, "--", file, file}}) {
    const Finished done = inspect(arguments);
    EXPECT_EQ(done.exit, 2) << done.err;
    EXPECT_EQ(done.out, "");
    EXPECT_NE(done.err, "");
  }
}

TEST(Inspect, ALogQuotedFarDownALongPage) {
  const Scratch scratch;
  const std::string path = (scratch / "notebook.ipynb").string();
  std::ofstream(path) << std::string(200000, ' ')
                      << "\n   \"Edge TPU Compiler version 15.0.340273435\\n\",\n   \"Input model: a.tflite\\n\",\n";
  const Json json = inspect_json(path);
  ASSERT_EQ(json["compiler_log"].size(), 1u);
  EXPECT_EQ(json["compiler_log"][0]["input_model"], "a.tflite");
}

class Unreadable : public testing::Test {
 protected:
  std::string write(const std::string& name, const std::string& content) {
    const std::string path = folder_ / name;
    std::ofstream(path, std::ios::binary) << content;
    return path;
  }
  static std::string content(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  // Exit code 3, nothing on stdout, one line on stderr that names the file.
  static void expect_refused(const std::string& path) {
    const Finished done = inspect({path, "--format", "json"});
    EXPECT_EQ(done.exit, 3) << path;
    EXPECT_EQ(done.out, "") << path;
    EXPECT_NE(done.err.find(std::filesystem::path(path).filename().string()), std::string::npos) << done.err;
    EXPECT_EQ(std::count(done.err.begin(), done.err.end(), '\n'), 1) << done.err;
  }

  const Scratch scratch_;
  const std::filesystem::path folder_ = scratch_.path();
};

TEST_F(Unreadable, AbsentEmptyForeign) {
  expect_refused((folder_ / "absent.tflite").string());
  expect_refused(write("empty.onnx", ""));
  expect_refused(write("text.tflite", "This is a text, not a model.\n"));
  expect_refused(folder_.string());
}

TEST_F(Unreadable, Truncated) {
  for (const char* name : {"digits_int8.tflite", "digits.onnx", "digits.xml"}) {
    const std::string whole = content(kExamples + name);
    ASSERT_FALSE(whole.empty()) << name;
    expect_refused(write(std::string("half_") + name, whole.substr(0, whole.size() / 2)));
  }
}

TEST_F(Unreadable, EitherSideOfADifference) {
  const std::string file = kExamples + "digits.onnx", broken = write("broken.tflite", "TFL3");
  EXPECT_EQ(inspect({file, "--", broken}).exit, 3);
  EXPECT_EQ(inspect({broken, "--", file}).exit, 3);
}

}  // namespace
}  // namespace edgescope::testing_support
