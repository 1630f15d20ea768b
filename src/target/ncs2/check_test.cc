#include "target/ncs2/check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "format/onnx/reader.h"
#include "format/openvino/reader.h"
#include "support/csv.h"
#include "support/reference.h"

namespace edgescope::target::ncs2 {
namespace {

using graph::ElementType;
using graph::Kind;
using testing::HasSubstr;

// a (kind) b, whose result goes through a chain of operators; Cast makes floats of it, others leave its type.
graph::Model network(Kind kind, ElementType type, ElementType result, const std::vector<Kind>& then = {}) {
  graph::Model model{.format = graph::Format::OpenVinoIr, .format_version = 10};
  graph::Subgraph graph;
  const graph::Shape shape{.known = true, .dims = {1, 8}, .symbols = {}};
  graph.tensors = {{.name = "a", .type = type, .shape = shape},
                   {.name = "b", .type = type, .shape = shape},
                   {.name = "c", .type = result, .shape = shape}};
  graph.operators = {{.kind = kind, .name = "op", .source_kind = "op", .inputs = {0, 1}, .outputs = {2}}};
  for (const Kind next : then) {
    const int from = static_cast<int>(graph.tensors.size()) - 1;
    graph.tensors.push_back({.name = "d", .type = next == Kind::Cast ? ElementType::Float32 : result, .shape = shape});
    graph.operators.push_back(
        {.kind = next, .name = "then", .source_kind = "then", .inputs = {from}, .outputs = {from + 1}});
  }
  graph.inputs = {0, 1};
  graph.outputs = {static_cast<int>(graph.tensors.size()) - 1};
  model.subgraphs.push_back(std::move(graph));
  return model;
}

bool compiles(Kind kind, ElementType type, ElementType result, const std::vector<Kind>& then = {}) {
  return check(network(kind, type, result, then)).compiles;
}

TEST(Ncs2Check, TheNotebooksCase) {
  constexpr ElementType f32 = ElementType::Float32, truth = ElementType::Bool;
  EXPECT_TRUE(compiles(Kind::Less, f32, truth, {Kind::Cast}));
  EXPECT_TRUE(compiles(Kind::Equal, f32, truth, {Kind::Cast}));
  EXPECT_TRUE(compiles(Kind::Greater, f32, truth, {Kind::LogicalNot, Kind::Cast}));
  EXPECT_FALSE(compiles(Kind::Greater, f32, truth, {Kind::LogicalNot})) << "truth values leave a network as floats";
  EXPECT_TRUE(compiles(Kind::LessEqual, f32, truth)) << "as the network's result";
  const Check refused = check(network(Kind::LessEqual, f32, truth, {Kind::Cast}));
  EXPECT_FALSE(refused.compiles);
  ASSERT_EQ(refused.operators.size(), 2u);
  EXPECT_EQ(refused.operators[0].mapping, Mapping::Rejected);
  EXPECT_EQ(refused.operators[1].mapping, Mapping::Mapped);
  EXPECT_THAT(refused.operators[0].remedy, HasSubstr("Not(Greater(a, b))"));
  EXPECT_EQ(refused.failure, refused.operators[0].reason) << "one operator fails the whole compile";
  EXPECT_EQ(refused.remedy, refused.operators[0].remedy);
}

TEST(Ncs2Check, IsATargetLikeOthers) {
  const graph::Model model = network(Kind::LessEqual, ElementType::Float32, ElementType::Bool, {Kind::Cast});
  const Ncs2 ncs2;
  EXPECT_EQ(ncs2.name(), "ncs2");
  EXPECT_EQ(ncs2.check(model.subgraphs.front(), 0).mapping, Mapping::Rejected);
  EXPECT_EQ(ncs2.check(model.subgraphs.front(), 1).mapping, Mapping::Mapped);
  EXPECT_EQ(static_cast<const Target&>(ncs2).check(model).mapped(), (std::vector<bool>{false, true}));
}

TEST(Ncs2Check, IntegersAreForSomeStagesOnly) {
  constexpr ElementType i64 = ElementType::Int64, truth = ElementType::Bool;
  EXPECT_TRUE(compiles(Kind::Add, i64, i64));
  EXPECT_TRUE(compiles(Kind::GreaterEqual, i64, truth, {Kind::Cast}));
  EXPECT_FALSE(compiles(Kind::Less, i64, truth, {Kind::Cast}));
  EXPECT_FALSE(compiles(Kind::Power, i64, i64));
  EXPECT_FALSE(compiles(Kind::Relu, i64, i64));
  EXPECT_FALSE(compiles(Kind::LogicalOr, truth, truth, {Kind::Cast}));
  EXPECT_TRUE(compiles(Kind::LogicalAnd, truth, truth, {Kind::Cast}));
}

TEST(Ncs2Check, TypesThatTheDeviceDoesNotKnow) {
  EXPECT_THAT(check(network(Kind::Add, ElementType::Float64, ElementType::Float64)).failure,
              HasSubstr("input a is of type f64"));
  EXPECT_FALSE(compiles(Kind::Add, ElementType::Int8, ElementType::Int8));
  EXPECT_TRUE(compiles(Kind::Concatenation, ElementType::Int32, ElementType::Int32));
  EXPECT_FALSE(compiles(Kind::Concatenation, ElementType::UInt32, ElementType::UInt32))
      << "unsigned integers leave a network as floats";
  EXPECT_TRUE(compiles(Kind::Concatenation, ElementType::UInt32, ElementType::UInt32, {Kind::Cast}));
  EXPECT_TRUE(compiles(Kind::Concatenation, ElementType::UInt8, ElementType::UInt8));
  EXPECT_FALSE(compiles(Kind::DepthToSpace, ElementType::UInt8, ElementType::UInt8));
}

TEST(Ncs2Check, WhatCannotBeReadFailsAsAWhole) {
  graph::Model model = network(Kind::Add, ElementType::Float32, ElementType::Float32);
  EXPECT_TRUE(check(model).compiles);
  model.format_version = 11;
  EXPECT_THAT(check(model).failure, HasSubstr("version 10"));
  model.format_version = 10;
  model.subgraphs[0].tensors[0].shape.dims[0] = graph::kDynamic;
  EXPECT_THAT(check(model).failure, HasSubstr("input a is open"));
  model = network(Kind::Add, ElementType::Float32, ElementType::Float32);
  model.format = graph::Format::TfLite;
  EXPECT_THAT(check(model).failure, HasSubstr("not TFLite"));
}

TEST(Ncs2Check, WhatIsKnownBeforehandNeedsNoStage) {
  graph::Model model = network(Kind::Abs, ElementType::Float32, ElementType::Float32, {Kind::Relu});
  EXPECT_FALSE(check(model).compiles);
  for (int i : {0, 1}) model.subgraphs[0].tensors[static_cast<std::size_t>(i)].constant = true;
  EXPECT_TRUE(check(model).compiles);
}

const std::set<std::string> kNotToBeTrusted = {"non_max_suppression", "lstm_sequence", "batch_to_space", "prior_box",
                                               "read_value"};

// The share of networks whose compile is predicted; the rest is listed.
TEST(Ncs2Check, AgreesWithThePluginOnNearlyEveryNetwork) {
  EDGESCOPE_REFERENCE_OR_SKIP(table, "ncs2/myriad_ops.csv");
  int networks = 0, agree = 0;
  std::string rest;
  for (const auto& row : testing_support::read_csv(table)) {
    if (kNotToBeTrusted.contains(row.at("op"))) continue;
    ++networks;
    const auto file = base::MappedFile::open(table.parent_path() / "nets" / (row.at("net") + ".xml"));
    ASSERT_TRUE(file);
    const auto model = format::openvino::read(*file);
    ASSERT_TRUE(model) << model.error().message();
    const bool predicted = check(*model).compiles, real = row.at("compile") == "ok";
    if (predicted == real)
      ++agree;
    else
      rest += row.at("net") + (real ? " compiles" : " fails: " + row.at("error").substr(0, 160)) + "\n";
  }
  EXPECT_GE(agree, 0.97 * networks) << agree << " of " << networks << "\n" << rest;
}

// Whether QueryNetwork claims all layers. Not of Split, Concat and TopK, which it takes only beside others.
TEST(Ncs2Check, KnowsWhereTheQueryLies) {
  EDGESCOPE_REFERENCE_OR_SKIP(table, "ncs2/myriad_ops.csv");
  std::set<std::string> left_out = kNotToBeTrusted;
  left_out.insert({"split", "variadic_split", "concat", "topk"});
  int networks = 0, agree = 0;
  std::string rest;
  for (const auto& row : testing_support::read_csv(table)) {
    if (left_out.contains(row.at("op")) || row.at("query") != "ok") continue;
    ++networks;
    const auto file = base::MappedFile::open(table.parent_path() / "nets" / (row.at("net") + ".xml"));
    ASSERT_TRUE(file);
    const auto model = format::openvino::read(*file);
    ASSERT_TRUE(model) << model.error().message();
    const Check checked = check(*model);
    bool claimed = true;
    for (const Verdict& verdict : checked.operators) {
      const bool lies =
          std::find(checked.misreported.begin(), checked.misreported.end(), verdict.op) != checked.misreported.end();
      claimed = claimed && (verdict.mapping == Mapping::Mapped) != lies;
    }
    if (claimed == (row.at("supported") == row.at("total")))
      ++agree;
    else
      rest += row.at("net") + "\n";
  }
  EXPECT_GE(agree, 0.97 * networks) << agree << " of " << networks << "\n" << rest;
}

// ONNX's node tests as they are, and with all inputs but the first made constants.
TEST(Ncs2Check, AgreesWithThePluginOnNearlyEveryNodeTestOfOnnx) {
  EDGESCOPE_REFERENCE_OR_SKIP(table, "ncs2/myriad_onnx13.csv");
  const std::filesystem::path tests = EDGESCOPE_SOURCE_DIR "/runtimes/onnx-1.8/onnx/backend/test/data/node";
  if (!std::filesystem::exists(tests)) GTEST_SKIP() << "`make oracle` brings the node tests";
  int networks = 0, agree = 0;
  std::string rest;
  for (const auto& row : testing_support::read_csv(table)) {
    if (row.at("compile").empty()) continue;
    ++networks;
    const auto folder = tests / ("test_" + row.at("op"));
    const auto file = base::MappedFile::open(folder / "model.onnx");
    ASSERT_TRUE(file) << file.error().message();
    auto model = format::onnx::read(*file);
    ASSERT_TRUE(model) << model.error().message();
    graph::Subgraph& graph = model->subgraphs.front();
    for (std::size_t i = 1; row.at("variant") == "const" && i < graph.inputs.size(); ++i)
      if (std::filesystem::exists(folder / "test_data_set_0" / ("input_" + std::to_string(i) + ".pb")))
        graph.tensors[static_cast<std::size_t>(graph.inputs[i])].constant = true;
    const bool predicted = check(*model).compiles, real = row.at("compile") == "ok";
    if (predicted == real)
      ++agree;
    else
      rest += row.at("op") + " " + row.at("variant") +
              (real ? " compiles" : " fails: " + row.at("error").substr(0, 160)) + "\n";
  }
  EXPECT_GT(networks, 600);
  EXPECT_GE(agree, 0.95 * networks) << agree << " of " << networks << "\n" << rest;
}

}  // namespace
}  // namespace edgescope::target::ncs2
