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
    graph.tensors.push_back({.name = "t" + std::to_string(graph.tensors.size()),
                             .type = type,
                             .shape = {.dims = std::move(dims)},
                             .constant = constant});
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
  const Check result = map_operators(net.graph);
  EXPECT_TRUE(result.compiles);
  EXPECT_EQ(result.mapped(), (std::vector<bool>{true, false, false, true}));
  EXPECT_EQ(result.operators[1].status, status::unsupported);
  EXPECT_FALSE(result.operators[1].remedy.empty());
  EXPECT_EQ(result.operators[2].status, status::subgraph);
  EXPECT_EQ(result.operators[2].blocked_by, 1);
  EXPECT_EQ(result.stop, 1);
  const Placement placement = place(net.graph, result.mapped());
  EXPECT_EQ(placement.transitions, 1);               // the second branch is run with the first part
  EXPECT_EQ(placement.boundary_bytes, 128u + 128u);  // the input, and `a` for the CPU
}

TEST(Mapping, CpuOperatorsBeforeTheDeviceDoNoHarm) {
  Net net;
  const int x = net.tensor({1, 8}, ElementType::Float32);
  const int q = net.op(Kind::Quantize, {x}, {1, 8});
  net.op(Kind::Relu, {q}, {1, 8});
  const Check result = map_operators(net.graph);
  EXPECT_EQ(result.mapped(), (std::vector<bool>{false, true}));
  EXPECT_EQ(result.operators[0].status,
            status::limitation);  // in the compiler's words: public logs say so of float inputs
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
  const Check result = map_operators(net.graph);
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
  dynamic.op(Kind::Relu, {dynamic.tensor({1, graph::kDynamic})}, {1, graph::kDynamic});
  EXPECT_NE(map_operators(dynamic.graph).failure.find("dynamic"), std::string::npos);
  EXPECT_EQ(map_operators(dynamic.graph).operators[0].mapping, Mapping::Rejected);
  Net batch;  // an open batch is 1 until it is resized
  batch.op(Kind::Relu, {batch.tensor({graph::kDynamic, 8})}, {graph::kDynamic, 8});
  EXPECT_TRUE(map_operators(batch.graph).compiles);
}

// The compiler's own TFLite refuses what it does not know, and with it the whole model.
TEST(Mapping, WhatItsInterpreterDoesNotKnowFailsTheCompile) {
  Net custom;
  custom.op(Kind::Custom, {custom.tensor({1, 8})}, {1, 8});
  custom.graph.operators[0].custom = true;
  custom.graph.operators[0].source_kind = "MyOperator";
  EXPECT_FALSE(map_operators(custom.graph).compiles);
  EXPECT_EQ(map_operators(custom.graph).operators[0].mapping, Mapping::Rejected);
  custom.graph.operators[0].source_kind = "PosenetDecoderOp";
  EXPECT_EQ(map_operators(custom.graph).operators[0].mapping, Mapping::Cpu);
  EXPECT_TRUE(map_operators(custom.graph).compiles);

  Net newer;
  const int x = newer.tensor({1, 4, 4, 8});
  newer.op(Kind::Convolution, {x, newer.tensor({8, 1, 1, 8}, ElementType::Int8, true)}, {1, 4, 4, 8});
  newer.graph.operators[0].source_kind = "CONV_2D";
  newer.graph.operators[0].version = 5;
  EXPECT_TRUE(map_operators(newer.graph, Compiler::V16).compiles);
  EXPECT_FALSE(map_operators(newer.graph, Compiler::V14).compiles);
  newer.graph.operators[0].source_kind = "STABLEHLO_CONVOLUTION";
  EXPECT_FALSE(map_operators(newer.graph).compiles);
  newer.graph.operators[0].source_kind = "CONV_3D";  // of the same kind, and not the device's
  EXPECT_EQ(map_operators(newer.graph).operators[0].status, status::unsupported);
  newer.graph.operators[0].source_kind = "CONV_2D";
  newer.graph.operators[0].version = 6;
  EXPECT_NE(map_operators(newer.graph).failure.find("version 6"), std::string::npos);
}

TEST(Mapping, PaddingOfTheBatchStaysOnTheCpu) {
  const auto padded = [](std::vector<std::int32_t> pads, Compiler compiler) {
    Net net;
    const int x = net.tensor({1, 4, 4, 8});
    const int list = net.tensor({4, 2}, ElementType::Int32, true);
    net.graph.tensors[static_cast<std::size_t>(list)].data = std::as_bytes(std::span(pads));
    net.op(Kind::Pad, {x, list}, {1, 6, 6, 8});
    return map_operators(net.graph, compiler).operators[0].mapping;
  };
  EXPECT_EQ(padded({0, 0, 1, 1, 1, 1, 0, 0}, Compiler::V2_1), Mapping::Mapped);
  EXPECT_EQ(padded({0, 0, 0, 0, 0, 0, 0, 8}, Compiler::V2_1), Mapping::Cpu);
  EXPECT_EQ(padded({0, 0, 0, 0, 0, 0, 0, 8}, Compiler::V16), Mapping::Mapped);
  EXPECT_EQ(padded({1, 0, 0, 0, 0, 0, 0, 0}, Compiler::V16), Mapping::Cpu);
}

// A model of another format, and one that was compiled before, are answered as a whole.
TEST(Mapping, WhatTheCompilerDoesNotTake) {
  Net net;
  net.op(Kind::Relu, {net.tensor({1, 8})}, {1, 8});
  graph::Model model{.format = graph::Format::Onnx};
  model.subgraphs.push_back(net.graph);
  const EdgeTpu target;
  EXPECT_NE(target.check(model).failure.find("ONNX"), std::string::npos);
  model.format = graph::Format::TfLite;
  EXPECT_TRUE(target.check(model).compiles);
  model.subgraphs[0].operators[0].source_kind = "edgetpu-custom-op";
  model.subgraphs[0].operators[0].custom = true;
  EXPECT_NE(target.check(model).failure.find("already"), std::string::npos);
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
    if (fields[0].ends_with(suffix))
      left[fields[0].substr(0, fields[0].size() - suffix.size()) + ".tflite"] = fields[6];
  }
  int checked = 0;
  for (const auto& [name, names] : left) {
    if (!std::filesystem::exists(models / name)) continue;
    const auto model = format::tflite::read(*base::MappedFile::open(models / name));
    ASSERT_TRUE(model) << model.error().message();
    const Check result = map_operators(model->subgraphs[0]);
    std::map<std::string, int> counts;
    for (const Verdict& verdict : result.operators)
      if (verdict.mapping != Mapping::Mapped)
        ++counts[model->subgraphs[0].operators[static_cast<std::size_t>(verdict.op)].source_kind];
    std::string text;
    for (const auto& [kind, count] : counts) text += (text.empty() ? "" : " ") + kind + ":" + std::to_string(count);
    EXPECT_EQ(text, names) << name;
    ++checked;
  }
  EXPECT_GE(checked, 11);
}

}  // namespace
}  // namespace edgescope::target::edgetpu
