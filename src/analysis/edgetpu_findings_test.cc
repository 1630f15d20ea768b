#include "analysis/edgetpu_findings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "analysis/test_compiled.h"
#include "target/edgetpu/cost.h"

namespace edgescope::analysis {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// Data outweigh the program, nothing streams, spills or is padded: nothing to find.
std::vector<TestExecutable> clean() {
  auto executables = cached_pair();
  TestExecutable& run = executables[0];
  run.chunks = {16};
  run.parameter_bytes = 0;
  run.input_bytes = 4000;
  run.output_bytes = 16;
  run.steps = {{.kind = wire::AnyHint_InstructionHint, .size = 0},
               transfer(wire::BaseAddress_Input, false, 4000, "in"),
               transfer(wire::BaseAddress_Output, true, 16, "out"),
               {.kind = wire::AnyHint_InterruptHint, .out = true}};
  executables[1].program = record(1, 0, 1);
  return executables;
}

std::vector<Finding> findings(const std::vector<TestExecutable>& executables, const EdgeTpuSource* source = nullptr) {
  CompiledModel test;
  test.device(executables);
  return edgetpu_findings(test.model, test.packages, source);
}

std::vector<std::string> ids(const std::vector<Finding>& found) {
  std::vector<std::string> result;
  for (const Finding& finding : found) result.emplace_back(finding.kind->id);
  return result;
}

// The cost on USB 3, and that a finding says what it rests on.
void expect_cost(const Finding& finding, std::uint64_t bytes, const target::Interval& us) {
  EXPECT_EQ(finding.cost.bytes, bytes);
  ASSERT_TRUE(finding.cost.microseconds);
  EXPECT_DOUBLE_EQ(finding.cost.microseconds->first, us.low);
  EXPECT_DOUBLE_EQ(finding.cost.microseconds->second, us.high);
  EXPECT_EQ(finding.cost.basis, Basis::Predicted);
  EXPECT_THAT(finding.why_here, HasSubstr("over USB 3 (predicted from published rates)"));
}

target::Interval in(std::uint64_t bytes) { return target::edgetpu::transfer_in(target::edgetpu::Link::Usb3, bytes); }
target::Interval out(std::uint64_t bytes) { return target::edgetpu::transfer_out(target::edgetpu::Link::Usb3, bytes); }

TEST(EdgeTpuFindings, NothingWhereNothingIsLost) {
  EXPECT_THAT(ids(findings(clean())), IsEmpty());
  EXPECT_THAT(edgetpu_findings(CompiledModel().model, {}), IsEmpty());
}

TEST(EdgeTpuFindings, StreamedWithRoom) {
  auto executables = clean();
  executables[0].parameter_bytes = 128;
  executables[0].steps.push_back(transfer(wire::BaseAddress_Parameter, false, 128));
  const auto found = findings(executables);
  ASSERT_THAT(ids(found), ElementsAre("edgetpu-streamed-with-room"));
  expect_cost(found[0], 128, in(128));
  // 16 tiles of 1,283 and of 2,070 rows, less the row that is taken.
  EXPECT_THAT(found[0].why_here,
              HasSubstr("Beside the 128 B that are cached the 16 tiles have 5.01 MiB to 8.09 MiB left"));
}

TEST(EdgeTpuFindings, StreamedForLackOfRoom) {
  auto executables = clean();
  executables[1].program = record(0xFFFF, 1, 1990);
  executables[0].parameter_bytes = 6400;
  executables[0].steps.push_back(transfer(wire::BaseAddress_Parameter, false, 6400));
  EXPECT_THAT(ids(findings(executables)), ElementsAre("edgetpu-streamed-no-room", "edgetpu-narrow-layers"));
}

TEST(EdgeTpuFindings, ACoCompiledModelThatLostItsShare) {
  auto executables = clean();
  executables[1].program = record(1, 300, 1);
  executables[0].parameter_bytes = 6400;
  executables[0].steps.push_back(transfer(wire::BaseAddress_Parameter, false, 6400));
  const auto found = findings(executables);
  ASSERT_THAT(ids(found), ElementsAre("edgetpu-lost-share"));
  EXPECT_THAT(found[0].why_here, HasSubstr("It keeps 128 B of 6.38 KiB in the cache"));
}

TEST(EdgeTpuFindings, InstructionsLargerThanData) {
  auto executables = clean();
  executables[0].chunks = {5000};
  const auto found = findings(executables);
  ASSERT_THAT(ids(found), ElementsAre("edgetpu-instructions"));
  expect_cost(found[0], 5000, in(5000));
}

TEST(EdgeTpuFindings, OutputsDominateAndArePadded) {
  auto executables = clean();
  executables[0].output_bytes = 3000;
  executables[0].steps[2].size = 3000;
  EXPECT_THAT(ids(findings(executables)), ElementsAre("edgetpu-output-dominates"));
  executables[0].output_bytes = 16;  // the layer's, of which 3,000 come back
  executables[0].steps[2].size = 80;
  const auto found = findings(executables);
  ASSERT_THAT(ids(found), ElementsAre("edgetpu-output-padding"));
  expect_cost(found[0], 64, out(64));
}

TEST(EdgeTpuFindings, ScratchSpillsAndInputsSentAgain) {
  auto executables = clean();
  executables[0].steps.push_back(transfer(wire::BaseAddress_Scratch, true, 24));
  executables[0].steps.push_back(transfer(wire::BaseAddress_Scratch, false, 48));
  executables[0].steps.push_back(transfer(wire::BaseAddress_Input, false, 100, "in"));
  const auto found = findings(executables);
  ASSERT_THAT(ids(found), ElementsAre("edgetpu-scratch", "edgetpu-input-again"));
  expect_cost(found[0], 72, in(48) + out(24));
  expect_cost(found[1], 100, in(100));
}

TEST(EdgeTpuFindings, NarrowLayersTakeWholeRows) {
  auto executables = clean();
  executables[1].program = record(1, 0, 20);  // 5,120 B for 128
  const auto found = findings(executables);
  ASSERT_THAT(ids(found), ElementsAre("edgetpu-narrow-layers"));
  EXPECT_EQ(found[0].cost.bytes, 5120u - 128);
  EXPECT_EQ(found[0].cost.basis, Basis::Exact);
}

TEST(EdgeTpuFindings, InflatedLayersNeedTheSource) {
  EdgeTpuSource source;
  source.prediction.layers = {{.op = 0, .name = "wide", .source_bytes = 9000, .stored_bytes = 9500},
                              {.op = 1, .name = "narrow", .source_bytes = 8200, .stored_bytes = 131264}};
  source.found.layers.resize(2);
  auto found = findings(clean(), &source);
  ASSERT_THAT(ids(found), ElementsAre("edgetpu-inflated-layers"));
  EXPECT_EQ(found[0].cost.bytes, 131264u - 8200);
  EXPECT_EQ(found[0].cost.basis, Basis::Predicted);
  EXPECT_THAT(found[0].why_here, HasSubstr("narrow (unknown): 8.01 KiB became 128.2 KiB, 16.0 times."));
  source.found.layers[1].emplace();
  found = findings(clean(), &source);
  EXPECT_EQ(found[0].cost.basis, Basis::Exact);
}

TEST(EdgeTpuFindings, RefusedByTheRuntime) {
  auto executables = clean();
  executables[0].deterministic = false;
  EXPECT_THAT(ids(findings(executables)), ElementsAre("edgetpu-refused"));
}

TEST(EdgeTpuFindings, OperatorsOnTheCpuBeforeBetweenAndAfter) {
  CompiledModel test;
  test.cpu("QUANTIZE", 10);
  test.device(clean(), 20);
  test.cpu("ADD", 30);
  test.cpu("CAST", 40);
  test.device(clean(), 50);
  test.cpu("ARG_MAX", 1);
  const auto found = edgetpu_findings(test.model, test.packages);
  ASSERT_THAT(ids(found), ElementsAre("cpu-head", "cpu-hole", "cpu-tail", "edgetpu-several-subgraphs"));
  expect_cost(found[0], 10, in(10));
  EXPECT_THAT(found[0].operators, ElementsAre(0));
  expect_cost(found[1], 60, in(40) + out(20));
  EXPECT_THAT(found[1].operators, ElementsAre(2, 3));
  EXPECT_THAT(found[1].why_here, HasSubstr("2 operators here (4 changes of side in all). 20 B come off the device "
                                           "for them and 40 B go to the device from them"));
  expect_cost(found[2], 50, out(50));
  EXPECT_FALSE(found[3].cost.bytes);
  EXPECT_EQ(found[3].cost.microseconds, std::pair(270.0, 460.0));
  EXPECT_THAT(found[3].operators, ElementsAre(1, 4));
}

TEST(EdgeTpuFindings, SubgraphsOfDifferentTokensDropEachOthersCache) {
  CompiledModel test;
  auto other = clean();
  for (auto& executable : other) executable.token = 99;
  test.device(clean());
  test.device(other);
  const auto found = edgetpu_findings(test.model, test.packages);
  ASSERT_THAT(ids(found), ElementsAre("edgetpu-several-subgraphs"));
  EXPECT_THAT(found[0].why_here, HasSubstr("2 caching tokens"));
}

TEST(EdgeTpuFindings, ANameIsNoProof) {
  EXPECT_TRUE(named_as_compiled("/models/x_edgetpu.tflite"));
  EXPECT_FALSE(named_as_compiled("/models_edgetpu/x.tflite"));
  EXPECT_EQ(not_compiled("x_edgetpu.tflite").kind->id, "edgetpu-not-compiled");
}

}  // namespace
}  // namespace edgescope::analysis
