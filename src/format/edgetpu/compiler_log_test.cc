#include "format/edgetpu/compiler_log.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
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
  const auto models =
      parse_compiler_log("Edge TPU Compiler version 15.0.340273435\n\nInternal compiler error. Aborting!\n");
  ASSERT_EQ(models.size(), 1u);
  EXPECT_EQ(models[0].failure, "Internal compiler error. Aborting!");
  const auto unread = parse_compiler_log(
      "Edge TPU Compiler version 16.0.384591198\nERROR: Didn't find op for builtin opcode 'EXP' version '2'.\n\n"
      "ERROR: Registration failed.\n\nInvalid model: a.tflite\nModel could not be parsed\n");
  ASSERT_EQ(unread.size(), 1u);
  EXPECT_NE(unread[0].failure.find("opcode 'EXP'"), std::string::npos);
  EXPECT_NE(unread[0].failure.find("Model could not be parsed"), std::string::npos);
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
    std::string noise =
        "Edge TPU Compiler version 1\n> Input model: a\n\"Input size: 1.00KiB\\n\",\nTry to compile segment with "
        "1\nOperator Count Status\nA 1 Mapped\n";
    for (int i = 0; i < 20; ++i) noise[random() % noise.size()] = static_cast<char>(random());
    (void)parse_compiler_log(noise);
  }
}

TEST(CompilerLog, QuotedLogs) {
  const std::string log[] = {"Edge TPU Compiler version 15.0.340273435",
                             "Input model: a.tflite",
                             "On-chip memory used for caching model parameters: 85.75KiB",
                             "Operator                       Count      Status",
                             "",
                             "MUL                            4          Mapped to Edge TPU"};
  std::string quotation, notebook, list;
  for (const std::string& line : log) {
    quotation += "> " + line + "\n";
    notebook += "    \"" + line + "\\n\",\n";
    list += "* `" + line + "`\r\n";
  }
  for (const std::string& text : {quotation, notebook, list}) {
    const auto models = parse_compiler_log(text);
    ASSERT_EQ(models.size(), 1u) << text;
    EXPECT_EQ(models[0].compiler, "15.0.340273435") << text;
    EXPECT_EQ(models[0].input_model, "a.tflite") << text;
    EXPECT_EQ(models[0].on_chip_used, 87808u) << text;
    ASSERT_EQ(models[0].rows.size(), 1u) << text;
    EXPECT_EQ(models[0].rows[0].status, "Mapped to Edge TPU") << text;
  }
}

TEST(CompilerLog, ATableInANotebook) {
  const char* text =
      "name | value |\\n\n\"Input model| a.tflite \\n\",\n    \"On-chip memory used for caching model parameters | "
      "7.62MiB \\n\",\n"
      "| Number of Edge TPU subgraphs | 1 |\n";
  EXPECT_TRUE(is_compiler_log(text));
  const auto models = parse_compiler_log(text);
  ASSERT_EQ(models.size(), 1u);
  EXPECT_EQ(models[0].input_model, "a.tflite");
  EXPECT_EQ(models[0].on_chip_used, 7990149u);
  EXPECT_EQ(models[0].subgraphs, 1);
  EXPECT_FALSE(is_compiler_log("It says how much On-chip memory used for caching model parameters there is."));
}

TEST(CompilerLog, SeveralWithoutTheirNames) {
  const auto models = parse_compiler_log(
      "Small:\nOn-chip memory used for caching model parameters: 66.00KiB\nOff-chip memory used for streaming uncached "
      "model parameters: 0.00B\n"
      "Large:\nOn-chip memory used for caching model parameters: 0.00B\nOff-chip memory used for streaming uncached "
      "model parameters: 64.00MiB\n");
  ASSERT_EQ(models.size(), 2u);
  EXPECT_EQ(models[0].on_chip_used, 67584u);
  EXPECT_EQ(models[0].off_chip_used, 0u);
  EXPECT_EQ(models[1].off_chip_used, 67108864u);
}

TEST(CompilerLog, StepsOfASearchThatFailAreNoModels) {
  const std::string failed =
      "Started a compilation timeout timer of 180 seconds.\nCompilation failed: Compilation failed due to large "
      "activation tensors in model.\n"
      "Compilation child process completed within timeout period.\nCompilation failed!\n";
  const std::string start =
      "Edge TPU Compiler version 16.0.384591198\nSearching for valid delegate with step 10\nTry to compile segment "
      "with 322 ops\n" +
      failed + "Try to compile segment with 312 ops\nIntermediate tensors: Reshape_5\n";
  const auto found = parse_compiler_log(start +
                                        "Started a compilation timeout timer of 180 seconds.\n\nInput model: "
                                        "a.tflite\nNumber of Edge TPU subgraphs: 1\n");
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].failure, "");
  const auto none = parse_compiler_log(start + failed);
  ASSERT_EQ(none.size(), 1u);
  EXPECT_NE(none[0].failure, "");
}

TEST(CompilerLog, AFailedSegmentIsNotTheOneBefore) {
  const auto models = parse_compiler_log(
      "Edge TPU Compiler version 16.0.384591198\nStarted a compilation timeout timer of 180 seconds.\n\nInput model: "
      "a_segment_0_of_2.tflite\n"
      "Compilation succeeded!\nStarted a compilation timeout timer of 180 seconds.\nCompilation failed!\n");
  ASSERT_EQ(models.size(), 2u);
  EXPECT_EQ(models[0].failure, "");
  EXPECT_EQ(models[1].failure, "Compilation failed!");
}

// Public logs against what another program read from them. A log lies in logs/ of the reference data or, where it
// was fetched, in EDGESCOPE_COMPILER_LOGS_DIR, named by its repository and path (or its source) with `/` as `+` and
// `__`. Where the list's text was cut, so may be ours.
class PublicLog {
 public:
  PublicLog(const base::Json& entry, std::filesystem::path reference) : entry_(entry) {
    const bool repo = entry.contains("repo") && entry.contains("path");
    std::string folder = repo ? entry["repo"].get<std::string>() : entry.value("source", std::string());
    std::replace(folder.begin(), folder.end(), '/', '+');
    name_ = folder;
    if (repo) {
      std::string path = entry["path"];
      for (std::size_t at = 0; (at = path.find('/', at)) != std::string::npos;) path.replace(at, 1, "__");
      name_ += "__" + path;
    }
    for (const auto& place : {reference, testing_support::folder_from("EDGESCOPE_COMPILER_LOGS_DIR")})
      if (path_.empty() && !place.empty() && std::filesystem::exists(place / name_)) path_ = place / name_;
  }
  bool present() const { return !path_.empty(); }
  bool is_log() const { return is_compiler_log(text_of(path_)); }
  const std::string& name() const { return name_; }

  // Where the best matching model of the log differs; empty where none does.
  std::string difference() const {
    std::string least = "no model in it";
    for (const CompiledModelLog& model : parse_compiler_log(text_of(path_))) {
      std::string here = difference(model);
      if (here.empty()) return {};
      if (least == "no model in it" || here.size() < least.size()) least = std::move(here);
    }
    return least;
  }

 private:
  static std::uint64_t bytes(const std::string& text) {
    const double unit = text.ends_with("KiB")   ? 1024
                        : text.ends_with("MiB") ? 1048576
                        : text.ends_with("GiB") ? 1073741824
                                                : 1;
    return static_cast<std::uint64_t>(std::llround(std::stod(text) * unit));
  }
  std::string difference(const CompiledModelLog& model) const {
    std::string text;
    const bool cut = !entry_.value("complete_rows", true);
    const auto differ = [&](const char* key) { text += std::string(text.empty() ? "" : ", ") + key; };
    for (const auto& [key, ours] :
         {std::pair("compiler", &model.compiler), std::pair("input_model", &model.input_model),
          std::pair("output_model", &model.output_model)})
      if (entry_.contains(key) && entry_[key].is_string() && !agrees(*ours, entry_[key], cut)) differ(key);
    for (const auto& [key, ours] :
         {std::pair("input_size", &model.input_bytes), std::pair("output_size", &model.output_bytes),
          std::pair("on_chip_used", &model.on_chip_used), std::pair("on_chip_available", &model.on_chip_available),
          std::pair("on_chip_remaining", &model.on_chip_remaining), std::pair("off_chip_used", &model.off_chip_used)})
      if (entry_.contains(key) && (*ours || !cut) && *ours != bytes(entry_[key])) differ(key);
    for (const auto& [key, ours] : {std::pair("subgraphs", &model.subgraphs), std::pair("total_ops", &model.operations),
                                    std::pair("ops_tpu", &model.on_edgetpu), std::pair("ops_cpu", &model.on_cpu)})
      if (entry_.contains(key) && (*ours || !cut) && *ours != entry_[key].get<std::int64_t>()) differ(key);
    const base::Json& rows = entry_["rows"];
    if (!cut && model.rows.size() != rows.size()) differ("number of rows");
    for (std::size_t i = 0; i < std::min(model.rows.size(), rows.size()); ++i)
      if (base::Json({model.rows[i].op, model.rows[i].count, model.rows[i].status}) != rows[i]) differ("row");
    return text;
  }
  // The list shortens and annotates the names of logs that it has only in parts.
  static bool agrees(const std::string& ours, const std::string& theirs, bool cut) {
    const std::string file = ours.substr(ours.find_last_of('/') + 1);
    return ours == theirs || (cut && !ours.empty() && theirs.starts_with(file));
  }

  const base::Json& entry_;
  std::string name_;
  std::filesystem::path path_;
};

TEST(CompilerLog, AgreesWithThePublicLogs) {
  EDGESCOPE_REFERENCE_OR_SKIP(list, "edgetpu/compiler_logs.jsonl");
  std::ifstream in(list);
  int entries = 0, present = 0, agree = 0;
  for (std::string line; std::getline(in, line); ++entries) {
    const auto entry = base::parse_json(line, list.string());
    ASSERT_TRUE(entry);
    const PublicLog log(*entry, list.parent_path() / "logs");
    if (!log.present()) continue;
    ++present;
    EXPECT_TRUE(log.is_log()) << log.name();
    const std::string difference = log.difference();
    if (difference.empty())
      ++agree;
    else
      std::cout << log.name() << " " << entry->value("input_model", "") << ": " << difference << "\n";
  }
  std::cout << entries << " entries, " << present << " at hand, " << agree << " agree\n";
  EXPECT_GE(agree, 82);  // those of logs/
  // One entry of the list has names that its program took from the prose around the lines.
  EXPECT_LE(present - agree, 1);
}

}  // namespace
}  // namespace edgescope::format::edgetpu
