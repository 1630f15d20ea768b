#include "target/edgetpu/mapping.h"

#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <sstream>

#include "base/mapped_file.h"
#include "format/edgetpu/package.h"
#include "format/tflite/reader.h"
#include "support/reference.h"

namespace edgescope::target::edgetpu {
namespace {

using graph::ElementType;
using graph::Kind;
using graph::Subgraph;
using graph::Tensor;

class Net {
 public:
  int tensor(std::vector<std::int64_t> dims, ElementType type = ElementType::Int8, bool constant = false) {
    graph.tensors.push_back({.name = "t" + std::to_string(graph.tensors.size()), .type = type, .shape = {.dims = std::move(dims)}, .constant = constant});
    return static_cast<int>(graph.tensors.size()) - 1;
  }
  int op(Kind kind, std::vector<int> inputs, std::vector<std::int64_t> out, ElementType type = ElementType::Int8) {
    const int result = tensor(std::move(out), type);
    graph.operators.push_back({.kind = kind, .inputs = std::move(inputs), .outputs = {result}});
    return result;
  }
  Subgraph graph;
};

TEST(Mapping, WhatFollowsACpuOperatorStaysOnTheCpu) {
  Net net;
  const int x = net.tensor({1, 4, 4, 8});
  const int a = net.op(Kind::Relu, {x}, {1, 4, 4, 8});
  const int b = net.op(Kind::LeakyRelu, {a}, {1, 4, 4, 8});
  const int c = net.op(Kind::Tanh, {b}, {1, 4, 4, 8});
  net.op(Kind::Logistic, {a}, {1, 4, 4, 8});  // a second branch, not behind the CPU operator
  net.graph.inputs = {x};
  net.graph.outputs = {c};
  const MappingResult result = map_operators(net.graph);
  EXPECT_TRUE(result.compiles);
  EXPECT_EQ(result.mapped(), (std::vector<bool>{true, false, false, true}));
  EXPECT_EQ(result.operators[1].status, status::unsupported);
  EXPECT_FALSE(result.operators[1].remedy.empty());
  EXPECT_EQ(result.operators[2].status, status::subgraph);
  EXPECT_EQ(result.stop, 1);
  const Placement placement = place(net.graph, result.mapped());
  EXPECT_EQ(placement.transitions, 2);
  EXPECT_EQ(placement.boundary_bytes, 128u + 128u);  // the input, and `a` for the CPU
}

TEST(Mapping, CpuOperatorsBeforeTheDeviceDoNoHarm) {
  Net net;
  const int x = net.tensor({1, 8}, ElementType::Float32);
  const int q = net.op(Kind::Quantize, {x}, {1, 8});
  net.op(Kind::Relu, {q}, {1, 8});
  const MappingResult result = map_operators(net.graph);
  EXPECT_EQ(result.mapped(), (std::vector<bool>{false, true}));
  EXPECT_EQ(result.operators[0].status, status::data_type);
  EXPECT_EQ(result.stop, -1);
}

TEST(Mapping, ShapesAndParameters) {
  Net net;
  const int batch = net.tensor({2, 4, 4, 8});
  net.op(Kind::Relu, {batch}, {2, 4, 4, 8});
  const int x = net.tensor({1, 4, 4, 8});
  const int runtime_filter = net.tensor({8, 1, 1, 8});
  net.op(Kind::Convolution, {x, runtime_filter}, {1, 4, 4, 8});
  const int rows = net.tensor({4, 10});
  net.op(Kind::Softmax, {rows}, {4, 10});
  const int small = net.tensor({1, 1, 1, 8});
  net.op(Kind::ResizeBilinear, {small}, {1, 33, 33, 8});
  const MappingResult result = map_operators(net.graph);
  EXPECT_EQ(result.operators[0].status, status::rank);
  EXPECT_EQ(result.operators[1].status, status::not_constant);
  EXPECT_EQ(result.operators[2].status, status::limitation);
  EXPECT_EQ(result.operators[3].status, status::precision);
}

TEST(Mapping, WholeModelFailures) {
  Net floats;
  floats.op(Kind::Relu, {floats.tensor({1, 8}, ElementType::Float32)}, {1, 8}, ElementType::Float32);
  EXPECT_NE(map_operators(floats.graph).failure.find("not quantised"), std::string::npos);
  Net dynamic;
  dynamic.op(Kind::Relu, {dynamic.tensor({graph::kDynamic, 8})}, {graph::kDynamic, 8});
  EXPECT_NE(map_operators(dynamic.graph).failure.find("dynamic"), std::string::npos);
}

TEST(Mapping, OlderCompilersKnowFewerOperators) {
  Net net;
  net.op(Kind::Transpose, {net.tensor({1, 4, 4, 8})}, {1, 4, 4, 8});
  EXPECT_TRUE(map_operators(net.graph, Compiler::V16).mapped()[0]);
  EXPECT_FALSE(map_operators(net.graph, Compiler::V2_0).mapped()[0]);
}

// The operators that the real compiler left on the CPU, from the compiled reference files.
TEST(Mapping, AgreesWithTheCompiledReferenceModels) {
  EDGESCOPE_REFERENCE_OR_SKIP(csv, "edgetpu/ledger.csv");
  EDGESCOPE_MODEL_OR_SKIP(models, "cpu");
  std::ifstream in(csv);
  std::map<std::string, std::string> left;  // source model -> "ARG_MAX:1 CONCATENATION:1"
  std::string line;
  std::getline(in, line);
  while (std::getline(in, line)) {
    std::vector<std::string> fields;
    std::stringstream row(line);
    for (std::string field; std::getline(row, field, ',');) fields.push_back(field);
    const std::string suffix = "_edgetpu.tflite";
    if (fields[0].ends_with(suffix)) left[fields[0].substr(0, fields[0].size() - suffix.size()) + ".tflite"] = fields[6];
  }
  int checked = 0;
  for (const auto& [name, names] : left) {
    if (!std::filesystem::exists(models / name)) continue;
    const auto model = format::tflite::read(*base::MappedFile::open(models / name));
    ASSERT_TRUE(model) << model.error().message();
    const MappingResult result = map_operators(model->subgraphs[0]);
    std::map<std::string, int> counts;
    for (const Verdict& verdict : result.operators)
      if (verdict.mapping != Mapping::Mapped) ++counts[model->subgraphs[0].operators[static_cast<std::size_t>(verdict.op)].source_kind];
    std::string text;
    for (const auto& [kind, count] : counts) text += (text.empty() ? "" : " ") + kind + ":" + std::to_string(count);
    EXPECT_EQ(text, names) << name;
    ++checked;
  }
  EXPECT_GE(checked, 11);
}

}  // namespace
}  // namespace edgescope::target::edgetpu
