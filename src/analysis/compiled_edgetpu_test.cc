#include "analysis/compiled_edgetpu.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <sstream>

#include "analysis/test_compiled.h"
#include "format/tflite/reader.h"
#include "support/reference.h"
#include "support/run.h"
#include "target/edgetpu/ledger.h"

namespace edgescope::analysis {
namespace {

using Row = std::map<std::string, std::string>;

std::vector<Row> rows_of(const std::filesystem::path& csv) {
  std::ifstream in(csv);
  std::vector<std::string> header;
  std::vector<Row> rows;
  for (std::string line; std::getline(in, line);) {
    if (line.ends_with('\r')) line.pop_back();
    std::stringstream fields(line);
    std::vector<std::string> values;
    for (std::string field; std::getline(fields, field, ',');) values.push_back(field);
    if (header.empty()) {
      header = values;
      continue;
    }
    Row row;
    for (std::size_t i = 0; i < header.size(); ++i) row[header[i]] = i < values.size() ? values[i] : "";
    rows.push_back(std::move(row));
  }
  return rows;
}

std::uint64_t number(const Row& row, const char* column) { return std::stoull(row.at(column)); }

// The first 16 digits of a file's SHA-256, as the system's own program says.
std::string sha256(const std::filesystem::path& file) {
  return testing_support::run("sha256sum", {file.string()}).out.substr(0, 16);
}

// Every field of every row of the reference ledger.
TEST(CompiledEdgeTpu, AgreesWithTheReferenceLedger) {
  EDGESCOPE_REFERENCE_OR_SKIP(csv, "edgetpu/ledger.csv");
  EDGESCOPE_MODEL_OR_SKIP(folder, "edgetpu");
  int checked = 0;
  for (const Row& row : rows_of(csv)) {
    const std::string name = row.at("model");
    SCOPED_TRACE(name + " executable " + row.at("exe"));
    const auto model = format::tflite::read(*base::MappedFile::open(folder / name));
    ASSERT_TRUE(model) << model.error().message();
    const auto operators = edgetpu_operators(*model);
    ASSERT_TRUE(operators) << operators.error().message();
    const base::Json json = edgetpu_json(*model, *operators);

    EXPECT_EQ(model->files[0].size(), number(row, "file_bytes"));
    EXPECT_EQ(sha256(folder / name), row.at("sha256")) << "the ledger is of another file of this name";
    EXPECT_EQ(model->subgraphs[0].operators.size(), number(row, "ops_total"));
    EXPECT_EQ(operators->size(), number(row, "edgetpu_ops"));
    EXPECT_EQ(json["cpu_operators"].size(), number(row, "cpu_ops"));
    std::map<std::string, int> counts;
    for (const auto& op : json["cpu_operators"]) ++counts[op["source_kind"].get<std::string>()];
    std::string names;
    for (const auto& [kind, count] : counts) names += (names.empty() ? "" : " ") + kind + ":" + std::to_string(count);
    EXPECT_EQ(names, row.at("cpu_op_names"));
    EXPECT_EQ(json["cached_parameter_bytes"], number(row, "model_cached_bytes"));
    EXPECT_EQ(json["streamed_parameter_bytes"], number(row, "model_streamed_bytes"));
    EXPECT_EQ(json["instruction_bytes"], number(row, "model_instr_bytes"));

    // Edge TPU operators are counted from 0, wherever they stand among the others.
    ASSERT_LT(number(row, "op_index"), operators->size());
    const EdgeTpuOperator* op = &operators->at(number(row, "op_index"));
    EXPECT_EQ(op->package.min_runtime_version, std::stoi(row.at("min_runtime")));
    EXPECT_EQ(op->package.compiler_version, row.at("compiler"));
    const auto& executable = op->package.executables.at(number(row, "exe"));
    EXPECT_EQ(format::edgetpu::executable_type_name(executable.type), row.at("type"));
    EXPECT_EQ(executable.chip, row.at("chip"));
    EXPECT_EQ(executable.batch, std::stoi(row.at("batch")));
    EXPECT_EQ(executable.file_bytes, number(row, "exe_bytes"));
    EXPECT_EQ(executable.parameters.size(), number(row, "param_bytes"));
    EXPECT_EQ(executable.instructions.size(), number(row, "instr_chunks"));
    EXPECT_EQ(executable.instruction_bytes(), number(row, "instr_bytes"));
    EXPECT_EQ(executable.inputs.size(), number(row, "n_in"));
    EXPECT_EQ(executable.outputs.size(), number(row, "n_out"));
    std::uint64_t in = 0, out = 0;
    for (const auto& layer : executable.inputs) in += layer.bytes;
    for (const auto& layer : executable.outputs) out += layer.bytes;
    EXPECT_EQ(in, number(row, "input_bytes"));
    EXPECT_EQ(out, number(row, "output_bytes"));
    EXPECT_EQ(executable.scratch_bytes, number(row, "scratch_bytes"));
    const auto traffic = target::edgetpu::traffic(executable);
    EXPECT_EQ(traffic.instructions, number(row, "dma_in_instr"));
    EXPECT_EQ(traffic.parameters, number(row, "dma_in_param"));
    EXPECT_EQ(traffic.input, number(row, "dma_in_input"));
    EXPECT_EQ(traffic.scratch_in, number(row, "dma_in_scratch"));
    EXPECT_EQ(traffic.output, number(row, "dma_out_output"));
    EXPECT_EQ(traffic.scratch_out, number(row, "dma_out_scratch"));
    using Kind = format::edgetpu::DmaStep::Kind;
    const auto steps = [&](Kind kind) {
      return static_cast<std::uint64_t>(std::count_if(executable.steps.begin(), executable.steps.end(),
                                                      [&](const auto& step) { return step.kind == kind; }));
    };
    EXPECT_EQ(steps(Kind::Interrupt), number(row, "n_interrupt"));
    EXPECT_EQ(steps(Kind::Fence), number(row, "n_fence"));
    EXPECT_EQ(executable.deterministic ? "True" : "False", row.at("deterministic"));
    EXPECT_EQ(std::to_string(executable.estimated_cycles), row.at("est_cycles"));
    EXPECT_EQ(executable.narrow_bytes_per_tile, number(row, "narrow_bytes_per_tile"));
    EXPECT_EQ(json["executables"][number(row, "exe")]["caching_token"], row.at("token"));
    EXPECT_EQ(json["operators"][number(row, "op_index")]["caching_token"], row.at("token"));
    ++checked;
  }
  EXPECT_EQ(checked, 38);
}

// Rows add up: owners to the file, operators to the model, steps to the traffic, executables to the operators.
TEST(CompiledEdgeTpu, TotalsAddUp) {
  CompiledModel test;
  test.device(cached_pair());
  test.cpu("CAST");
  test.device(cached_pair());
  const base::Json json = edgetpu_json(test.model, test.packages);
  std::uint64_t owned = 0, cached = 0, streamed = 0, each = 0, steps = 0;
  for (const auto& owner : json["owners"]) owned += owner["bytes"].get<std::uint64_t>();
  EXPECT_EQ(owned, test.model.files[0].size());
  for (const auto& op : json["operators"]) {
    cached += op["cached_parameter_bytes"].get<std::uint64_t>();
    streamed += op["streamed_parameter_bytes"].get<std::uint64_t>();
    for (const auto& part : op["per_inference"]) each += part.get<std::uint64_t>();
  }
  EXPECT_EQ(cached, json["cached_parameter_bytes"]);
  EXPECT_EQ(cached, 256u);
  EXPECT_EQ(streamed, json["streamed_parameter_bytes"]);
  for (const auto& executable : json["executables"])
    if (executable["type"] == "EXECUTION_ONLY")
      for (const auto& step : executable["steps"]) steps += step["bytes"].get<std::uint64_t>();
  EXPECT_EQ(each, steps);
  EXPECT_EQ(each, 2u * (32 + 16 + 8 + 64 + 24 + 48 + 16));
  EXPECT_EQ(json["cpu_operators"].size(), 1u);
  EXPECT_EQ(json["operators"][1]["index"], 2);
}

TEST(CompiledEdgeTpu, EveryReferenceFileIsAccountedFor) {
  EDGESCOPE_MODEL_OR_SKIP(folder, "edgetpu");
  int files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() != ".tflite") continue;
    SCOPED_TRACE(entry.path());
    const auto model = format::tflite::read(*base::MappedFile::open(entry.path()));
    ASSERT_TRUE(model);
    const auto operators = edgetpu_operators(*model);
    ASSERT_TRUE(operators);
    const base::Json json = edgetpu_json(*model, *operators);
    std::map<std::string, std::uint64_t> owners;
    std::uint64_t sum = 0;
    for (const auto& owner : json["owners"]) sum += owners[owner["owner"]] = owner["bytes"].get<std::uint64_t>();
    EXPECT_EQ(sum, entry.file_size());
    EXPECT_EQ(owners["cached_parameters"], json["cached_parameter_bytes"]);
    EXPECT_EQ(owners["streamed_parameters"], json["streamed_parameter_bytes"]);
    EXPECT_EQ(owners["instructions"], json["instruction_bytes"]);
    ++files;
  }
  EXPECT_GT(files, 10);
}

TEST(CompiledEdgeTpu, AnOrdinaryModelHasNone) {
  graph::Model model;
  model.subgraphs.emplace_back();
  EXPECT_TRUE(edgetpu_operators(model)->empty());
}

}  // namespace
}  // namespace edgescope::analysis
