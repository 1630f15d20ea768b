#include "analysis/check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "analysis/test_graph.h"

namespace edgescope::analysis {
namespace {

using graph::ElementType;
using graph::Kind;
using target::Mapping;
using testing::HasSubstr;

// A device that takes everything but logistics, and whose compiler chokes on custom operators.
class FakeDevice final : public target::Target {
 public:
  std::string_view name() const override { return "fake"; }
  std::string software() const override { return "fake_compiler 3"; }
  target::Verdict check(const graph::Subgraph& subgraph, int op) const override {
    const graph::Operator& o = subgraph.operators[static_cast<std::size_t>(op)];
    if (o.custom)
      return {.op = op, .mapping = Mapping::Rejected, .status = "crash", .reason = "it is custom", .remedy = "drop it"};
    if (o.kind == Kind::Logistic)
      return {.op = op,
              .mapping = Mapping::Cpu,
              .status = "no such thing",
              .reason = "it has no logistic",
              .remedy = "use TANH",
              .verified = false};
    return {.op = op, .status = "fine"};
  }
  target::Check check(const graph::Model& model) const override {
    target::Check result;
    for (std::size_t op = 0; op < model.subgraphs[0].operators.size(); ++op) {
      result.operators.push_back(check(model.subgraphs[0], static_cast<int>(op)));
      if (result.operators.back().mapping == Mapping::Rejected)
        result = {.compiles = false, .failure = "it crashes", .remedy = "drop it", .operators = result.operators};
    }
    return result;
  }
};

CrossingCost cost() {
  return {.in =
              [](std::uint64_t bytes) {
                return target::Interval{static_cast<double>(bytes), 2.0 * static_cast<double>(bytes)};
              },
          .out =
              [](std::uint64_t bytes) {
                return target::Interval{10.0 * static_cast<double>(bytes), 20.0 * static_cast<double>(bytes)};
              },
          .call = {100, 200}};
}

TestGraph chain(const std::vector<Kind>& kinds) {
  TestGraph net;
  int at = net.tensor({1, 16}, ElementType::Int8);
  net.graph().inputs = {at};
  for (Kind kind : kinds) {
    const int next = net.tensor({1, 16}, ElementType::Int8);
    net.add(kind, {at}, {next});
    at = next;
  }
  net.graph().outputs = {at};
  return net;
}

struct Answer {
  base::Json json;
  std::vector<Finding> findings;
};
Answer answer(const graph::Model& model) {
  const FakeDevice device;
  const target::Check check = device.check(model);
  const target::Placement placement = target::place(model.subgraphs[0], check.mapped());
  return {check_json(model.subgraphs[0], device, check, placement),
          mapping_findings(model.subgraphs[0], device, check, placement, cost())};
}

TEST(Check, AHoleIsPricedByWhatCrossesAndOneMoreCall) {
  TestGraph net = chain({Kind::Relu, Kind::Logistic, Kind::Relu});
  const Answer told = answer(net.finish());
  EXPECT_EQ(told.json["verdict"], "compiles");
  EXPECT_EQ(told.json["operators"][0]["reason"], "fine");
  EXPECT_EQ(told.json["operators"][1]["verdict"], "cpu");
  EXPECT_EQ(told.json["operators"][1]["verified"], false);
  EXPECT_EQ(told.json["operators"][1]["transitions"], 2);
  EXPECT_EQ(told.json["placement"]["transitions"], 2);
  ASSERT_EQ(told.findings.size(), 1u);
  EXPECT_EQ(told.findings[0].kind->id, "cpu-hole");
  EXPECT_EQ(told.findings[0].cost.bytes, 32u);
  EXPECT_DOUBLE_EQ(told.findings[0].cost.microseconds->first, 16 * 10 + 16 + 100);
  EXPECT_THAT(told.findings[0].why_here, HasSubstr("no such thing"));
  EXPECT_THAT(told.findings[0].why_here, HasSubstr("seen in no public source"));
  EXPECT_THAT(told.findings[0].remedy_here, HasSubstr("use TANH"));
}

TEST(Check, HeadsAndTailsCostNoExtraCall) {
  TestGraph tail = chain({Kind::Relu, Kind::Logistic});
  const Answer behind = answer(tail.finish());
  ASSERT_EQ(behind.findings.size(), 1u);
  EXPECT_EQ(behind.findings[0].kind->id, "cpu-tail");
  EXPECT_FALSE(behind.findings[0].cost.microseconds);
  EXPECT_EQ(behind.findings[0].cost.basis, Basis::Predicted);
  TestGraph head = chain({Kind::Logistic, Kind::Relu});
  EXPECT_EQ(answer(head.finish()).findings[0].kind->id, "cpu-head");
}

TEST(Check, NothingMappedAndNotCompiling) {
  TestGraph none = chain({Kind::Logistic});
  EXPECT_EQ(answer(none.finish()).findings[0].kind->id, "nothing-mapped");
  TestGraph custom = chain({Kind::Relu, Kind::Custom});
  custom.graph().operators[1].custom = true;
  const Answer told = answer(custom.finish());
  EXPECT_EQ(told.json["verdict"], "fails");
  EXPECT_EQ(told.json["failure"]["reason"], "it crashes");
  EXPECT_EQ(told.findings[0].kind->id, "does-not-compile");
}

}  // namespace
}  // namespace edgescope::analysis
