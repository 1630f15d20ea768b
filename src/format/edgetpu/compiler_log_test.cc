#include "format/edgetpu/compiler_log.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <random>

#include "base/json.h"
#include "support/reference.h"

namespace edgescope::format::edgetpu {
namespace {

std::string text_of(const std::filesystem::path& path) {
  std::ifstream in(path);
  return {std::istreambuf_iterator<char>(in), {}};
}

TEST(CompilerLog, ANewerLogWithTable) {
  const auto models = parse_compiler_log(
      "$ edgetpu_compiler -s a.tflite\r\nEdge TPU Compiler version 16.0.384591198\n"
      "Started a compilation timeout timer of 180 seconds.\n\nModel compiled successfully in 300 ms.\n\n"
      "Input model: a.tflite\nInput size: 1.00KiB\nOutput model: a_edgetpu.tflite\nOutput size: 2.50MiB\n"
      "On-chip memory used for caching model parameters: 768.00B\n"
      "On-chip memory remaining for caching model parameters: 8.09MiB\n"
      "Off-chip memory used for streaming uncached model parameters: 128.00B\n"
      "Number of Edge TPU subgraphs: 1\nTotal number of operations: 7\nOperation log: a_edgetpu.log\n\n"
      "Model successfully compiled but not all operations are supported by the Edge TPU.\n"
      "Number of operations that will run on Edge TPU: 5\nNumber of operations that will run on CPU: 2\n\n"
      "Operator                       Count      Status\n\nSOFTMAX  5  Mapped to Edge TPU\n"
      "SOFTMAX                        2          Operation is working on an unsupported data type\n"
      "Compilation child process completed within timeout period.\nCompilation succeeded! \n");
  ASSERT_EQ(models.size(), 1u);
  const CompiledModelLog& model = models[0];
  EXPECT_EQ(model.compiler, "16.0.384591198");
  EXPECT_EQ(model.input_model, "a.tflite");
  EXPECT_EQ(model.output_bytes, 2621440u);
  EXPECT_EQ(model.on_chip_used, 768u);
  EXPECT_EQ(model.on_chip_remaining, 8482980u);
  EXPECT_FALSE(model.on_chip_available);
  EXPECT_EQ(model.off_chip_used, 128u);
  EXPECT_EQ(model.subgraphs, 1);
  EXPECT_EQ(model.operations, 7);
  EXPECT_EQ(model.on_cpu, 2);
  ASSERT_EQ(model.rows.size(), 2u);
  EXPECT_EQ(model.rows[1].op, "SOFTMAX");
  EXPECT_EQ(model.rows[1].count, 2);
  EXPECT_EQ(model.rows[1].status, "Operation is working on an unsupported data type");
  EXPECT_TRUE(model.failure.empty());
}

TEST(CompilerLog, FailuresAreKeptInTheCompilersWords) {
  const auto models = parse_compiler_log("Edge TPU Compiler version 15.0.340273435\n\nInternal compiler error. Aborting!\n");
  ASSERT_EQ(models.size(), 1u);
  EXPECT_EQ(models[0].failure, "Internal compiler error. Aborting!");
  EXPECT_TRUE(parse_compiler_log("nothing of the kind").empty());
  EXPECT_FALSE(is_compiler_log("nothing of the kind"));
}

TEST(CompilerLog, SeveralModelsInOneLog) {
  const auto models = parse_compiler_log(
      "Edge TPU Compiler version 1.0.249710469\nInput model: a.tflite\nTotal number of operations: 1\n"
      "Input model: b.tflite\nOn-chip memory available for caching model parameters: 7.85MiB\n");
  ASSERT_EQ(models.size(), 2u);
  EXPECT_EQ(models[0].operations, 1);
  EXPECT_EQ(models[1].on_chip_available, 8231322u);
  EXPECT_EQ(models[1].compiler, "1.0.249710469");
}

TEST(CompilerLog, SurvivesNoise) {
  std::mt19937 random(3);
  for (int round = 0; round < 2000; ++round) {
    std::string noise = "Edge TPU Compiler version 1\nInput model: a\nOperator Count Status\nA 1 Mapped\n";
    for (int i = 0; i < 20; ++i) noise[random() % noise.size()] = static_cast<char>(random());
    (void)parse_compiler_log(noise);
  }
}

// Every reference log against what was read from it by another program.
TEST(CompilerLog, AgreesWithTheReference) {
  EDGESCOPE_REFERENCE_OR_SKIP(list, "edgetpu/compiler_logs.jsonl");
  const auto folder = list.parent_path() / "logs";
  std::ifstream in(list);
  int checked = 0;
  std::map<std::string, std::vector<CompiledModelLog>> parsed;
  for (std::string line; std::getline(in, line);) {
    const auto entry = base::parse_json(line, list.string());
    ASSERT_TRUE(entry);
    if (!entry->contains("repo") || !entry->contains("path")) continue;
    std::string name = entry->at("repo").get<std::string>() + "__" + entry->at("path").get<std::string>();
    for (std::size_t at = 0; (at = name.find('/', at)) != std::string::npos;) name.replace(at, 1, at < name.find("__") ? "+" : "__");
    if (!std::filesystem::exists(folder / name)) continue;
    if (!parsed.count(name)) parsed[name] = parse_compiler_log(text_of(folder / name));
    // The list's order is not the log's.
    const auto input = entry->at("input_model").get<std::string>();
    const auto found = std::find_if(parsed[name].begin(), parsed[name].end(),
                                    [&](const CompiledModelLog& log) { return log.input_model == input; });
    ASSERT_NE(found, parsed[name].end()) << name << " " << input;
    const CompiledModelLog& model = *found;
    EXPECT_EQ(model.compiler, entry->at("compiler").get<std::string>()) << name;
    if (entry->contains("total_ops")) {
      EXPECT_EQ(model.operations, entry->at("total_ops").get<std::int64_t>());
    }
    if (entry->contains("on_chip_used")) {
      EXPECT_TRUE(model.on_chip_used) << name;
    }
    if (entry->contains("on_chip_available")) {
      EXPECT_TRUE(model.on_chip_available) << name;
    }
    if (entry->contains("off_chip_used")) {
      EXPECT_TRUE(model.off_chip_used) << name;
    }
    ASSERT_EQ(model.rows.size(), entry->at("rows").size()) << name << " " << input;
    for (std::size_t i = 0; i < model.rows.size(); ++i) {
      EXPECT_EQ(model.rows[i].op, entry->at("rows")[i][0].get<std::string>());
      EXPECT_EQ(model.rows[i].count, entry->at("rows")[i][1].get<std::int64_t>());
      EXPECT_EQ(model.rows[i].status, entry->at("rows")[i][2].get<std::string>());
    }
    ++checked;
  }
  EXPECT_GE(checked, 19);
}

}  // namespace
}  // namespace edgescope::format::edgetpu
