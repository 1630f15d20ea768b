#include "analysis/findings.h"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "analysis/test_graph.h"

namespace edgescope::analysis {
namespace {

using graph::ElementType;
using graph::Format;
using graph::Kind;

std::vector<Finding> findings_of(TestGraph& test, std::size_t padding = 0) {
  const graph::Model model = test.finish(padding);
  return findings_in(model, inspect(model));
}

std::vector<std::string> ids(const std::vector<Finding>& findings) {
  std::vector<std::string> result;
  for (const Finding& finding : findings) result.emplace_back(finding.kind->id);
  return result;
}

using Ids = std::vector<std::string>;

// in -> first -> between -> second -> out
struct Chain {
  explicit Chain(Format format = Format::TfLite) : test(format) {}
  TestGraph test;
  void add(Kind first, Kind second, std::vector<TestGraph::Dims> dims,
           const std::vector<graph::Attributes>& attributes = {{}, {}},
           std::vector<ElementType> types = std::vector<ElementType>(3, ElementType::Float32)) {
    for (std::size_t i = 0; i < 3; ++i) tensors.push_back(test.tensor(dims[i], types[i]));
    test.add(first, {tensors[0]}, {tensors[1]}, attributes[0]);
    test.add(second, {tensors[1]}, {tensors[2]}, attributes[1]);
    test.graph().inputs = {tensors[0]};
    test.graph().outputs = {tensors[2]};
  }
  std::vector<int> tensors;
};

TEST(Findings, NothingToSay) {
  Chain chain;
  chain.add(Kind::Relu, Kind::Softmax, {{1, 4}, {1, 4}, {1, 4}});
  EXPECT_EQ(ids(findings_of(chain.test)), Ids{});
}

TEST(Findings, UnusedConstant) {
  Chain chain;
  chain.add(Kind::Relu, Kind::Softmax, {{1, 4}, {1, 4}, {1, 4}});
  const int unused = chain.test.constant({10, 10}, ElementType::Float32, "left over");
  const auto found = findings_of(chain.test);
  ASSERT_EQ(ids(found), Ids{"unused-constant"});
  EXPECT_EQ(found[0].tensors, std::vector<int>{unused});
  EXPECT_EQ(found[0].cost.bytes, 400);
  EXPECT_NE(found[0].where.find("left over"), std::string::npos);
}

TEST(Findings, AConstantThatSharesItsBytesWithOneInUseIsNoFinding) {
  Chain chain;
  chain.add(Kind::Relu, Kind::Add, {{1, 4}, {1, 4}, {1, 4}});
  const int used = chain.test.constant({4}), twin = chain.test.tensor({4});
  auto& tensors = chain.test.graph().tensors;
  tensors[static_cast<std::size_t>(twin)].constant = true;
  tensors[static_cast<std::size_t>(twin)].data = tensors[static_cast<std::size_t>(used)].data;
  chain.test.graph().operators[1].inputs.push_back(used);
  EXPECT_EQ(ids(findings_of(chain.test)), Ids{});
}

TEST(Findings, UnreadResultsAreFollowedBack) {
  Chain chain;
  chain.add(Kind::Relu, Kind::Softmax, {{1, 4}, {1, 4}, {1, 4}});
  const int a = chain.test.tensor({1, 4}), b = chain.test.tensor({1, 4});
  chain.test.add(Kind::Tanh, {chain.tensors[1]}, {a});
  chain.test.add(Kind::Abs, {a}, {b});
  const auto found = findings_of(chain.test);
  ASSERT_EQ(ids(found), (Ids{"unread-result", "unread-result"}));
  EXPECT_EQ(found[0].operators, std::vector<int>{2});
  EXPECT_EQ(found[0].cost.bytes, 32);
}

TEST(Findings, OperatorsWithEffectsAreNotUnread) {
  TestGraph test;
  const int in = test.tensor({4}), state = test.tensor({4}, ElementType::Resource);
  test.add(Kind::AssignVariable, {state, in}, {});
  test.graph().inputs = {in, state};
  EXPECT_EQ(ids(findings_of(test)), Ids{});
}

TEST(Findings, IdentityReshapeOnly) {
  Chain same;
  same.add(Kind::Reshape, Kind::Softmax, {{1, 4}, {1, 4}, {1, 4}});
  EXPECT_EQ(ids(findings_of(same.test)), Ids{"identity-operator"});
  Chain other;
  other.add(Kind::Reshape, Kind::Softmax, {{2, 2}, {1, 4}, {1, 4}});
  EXPECT_EQ(ids(findings_of(other.test)), Ids{});
  Chain rescaled;
  rescaled.add(Kind::Quantize, Kind::Softmax, {{1, 4}, {1, 4}, {1, 4}}, {{}, {}}, std::vector(3, ElementType::Int8));
  rescaled.test.quantize(rescaled.tensors[0], 0.5f, 0);
  rescaled.test.quantize(rescaled.tensors[1], 0.25f, 0);
  EXPECT_EQ(ids(findings_of(rescaled.test)), Ids{});
}

TEST(Findings, TransposesThatUndoEachOther) {
  const auto permuted = [](std::vector<std::int64_t> a, std::vector<std::int64_t> b) {
    Chain chain(Format::Onnx);
    chain.add(Kind::Transpose, Kind::Transpose, {{1, 2, 3, 4}, {1, 3, 4, 2}, {1, 2, 3, 4}},
              {{{"permutation", std::move(a)}}, {{"permutation", std::move(b)}}});
    return ids(findings_of(chain.test));
  };
  EXPECT_EQ(permuted({0, 2, 3, 1}, {0, 3, 1, 2}), Ids{"transpose-pair"});
  EXPECT_EQ(permuted({0, 2, 3, 1}, {0, 2, 3, 1}), Ids{});
  EXPECT_EQ(permuted({0, 2, 3, 1}, {0, 9, -1, 2}), Ids{});
}

TEST(Findings, TransposeOrderFromAConstant) {
  Chain chain;
  chain.add(Kind::Transpose, Kind::Transpose, {{2, 3}, {3, 2}, {2, 3}});
  const int order = chain.test.integers({1, 0});
  for (auto& op : chain.test.graph().operators) op.inputs.push_back(order);
  const auto found = findings_of(chain.test);
  ASSERT_EQ(ids(found), Ids{"transpose-pair"});
  EXPECT_EQ(found[0].operators, (std::vector<int>{0, 1}));
  EXPECT_EQ(found[0].cost.bytes, 4 * 24);
}

TEST(Findings, DequantizeThenQuantize) {
  const auto pair = [](float scale) {
    Chain chain;
    chain.add(Kind::Dequantize, Kind::Quantize, {{1, 4}, {1, 4}, {1, 4}}, {{}, {}},
              {ElementType::Int8, ElementType::Float32, ElementType::Int8});
    chain.test.quantize(chain.tensors[0], 0.5f, 3);
    chain.test.quantize(chain.tensors[2], scale, 3);
    return ids(findings_of(chain.test));
  };
  EXPECT_EQ(pair(0.5f), Ids{"quantize-dequantize-pair"});
  EXPECT_EQ(pair(0.25f), Ids{});
}

// In ONNX a quantise followed by a dequantise states the precision of what is between; it is no loss.
TEST(Findings, OnnxQuantizeThenDequantizeIsMeant) {
  const auto pair = [](Kind first, Kind second, bool same_scale) {
    Chain chain(Format::Onnx);
    const bool outer_float = first == Kind::Quantize;
    const ElementType outer = outer_float ? ElementType::Float32 : ElementType::Int8;
    chain.add(first, second, {{1, 4}, {1, 4}, {1, 4}}, {{}, {}},
              {outer, outer_float ? ElementType::Int8 : ElementType::Float32, outer});
    const int scale = chain.test.constant({}), other = chain.test.constant({}, ElementType::Float32, "", std::byte{2});
    chain.test.graph().operators[0].inputs.push_back(scale);
    chain.test.graph().operators[1].inputs.push_back(same_scale ? scale : other);
    if (same_scale) chain.test.graph().outputs.push_back(other);
    return ids(findings_of(chain.test));
  };
  EXPECT_EQ(pair(Kind::Quantize, Kind::Dequantize, true), Ids{});
  EXPECT_EQ(pair(Kind::Dequantize, Kind::Quantize, true), Ids{"quantize-dequantize-pair"});
  EXPECT_EQ(pair(Kind::Dequantize, Kind::Quantize, false), Ids{});
}

TEST(Findings, APairWithAnotherReaderBetweenStays) {
  Chain chain;
  chain.add(Kind::Dequantize, Kind::Quantize, {{1, 4}, {1, 4}, {1, 4}}, {{}, {}},
            {ElementType::Int8, ElementType::Float32, ElementType::Int8});
  chain.test.quantize(chain.tensors[0], 0.5f, 3);
  chain.test.quantize(chain.tensors[2], 0.5f, 3);
  chain.test.graph().outputs.push_back(chain.tensors[1]);
  EXPECT_EQ(ids(findings_of(chain.test)), Ids{});
}

TEST(Findings, DynamicInputAndCustomOperators) {
  Chain chain;
  chain.add(Kind::Custom, Kind::Custom, {{graph::kDynamic, 4}, {1, 4}, {1, 4}});
  for (auto& op : chain.test.graph().operators) {
    op.custom = true;
    op.source_kind = "Detect";
  }
  const auto found = findings_of(chain.test);
  ASSERT_EQ(ids(found), (Ids{"dynamic-shape", "custom-operator"}));
  EXPECT_EQ(found[1].operators, (std::vector<int>{0, 1}));
}

TEST(Findings, CompiledPackagesAreNotCustomOperatorsToFix) {
  Chain chain;
  chain.add(Kind::Custom, Kind::Softmax, {{1, 4}, {1, 4}, {1, 4}});
  chain.test.graph().operators[0].custom = true;
  chain.test.graph().operators[0].source_kind = "edgetpu-custom-op";
  EXPECT_EQ(ids(findings_of(chain.test)), Ids{});
}

TEST(Findings, Padding) {
  Chain large;
  large.add(Kind::Relu, Kind::Softmax, {{1, 4}, {1, 4}, {1, 4}});
  const auto found = findings_of(large.test, 4096);
  ASSERT_EQ(ids(found), Ids{"padding-bytes"});
  EXPECT_EQ(found[0].cost.bytes, 4096);
  Chain small;
  small.add(Kind::Relu, Kind::Softmax, {{1, 4}, {1, 4}, {1, 4}});
  EXPECT_EQ(ids(findings_of(small.test, 4000)), Ids{});
}

TEST(Findings, JsonAsTheContractSays) {
  Chain chain;
  chain.add(Kind::Reshape, Kind::Softmax, {{1, 4}, {1, 4}, {1, 4}});
  const base::Json json = findings_json(findings_of(chain.test));
  ASSERT_EQ(json.size(), 1u);
  EXPECT_EQ(json[0]["id"], "identity-operator");
  EXPECT_EQ(json[0]["cost"]["bytes"], 32);
  EXPECT_TRUE(json[0]["cost"]["us"].is_null());
  EXPECT_EQ(json[0]["cost"]["basis"], "exact");
  EXPECT_FALSE(json[0]["why"].get<std::string>().empty());
  EXPECT_FALSE(json[0]["remedy"].get<std::string>().empty());
}

TEST(Findings, EveryIdIsDocumented) {
  std::ifstream file(EDGESCOPE_SOURCE_DIR "/docs/findings.md");
  std::stringstream page;
  page << file.rdbuf();
  for (const FindingKind& kind : finding_catalogue()) {
    EXPECT_NE(page.str().find("## `" + std::string(kind.id) + "`\n"), std::string::npos) << kind.id;
    EXPECT_EQ(&finding_kind(kind.id), &kind);
  }
}

}  // namespace
}  // namespace edgescope::analysis
