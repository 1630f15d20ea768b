#include "analysis/myriad_findings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "format/myriad/test_blob.h"

namespace edgescope::analysis {
namespace {

using testing::ElementsAre;

format::myriad::Blob blob_of(std::vector<std::uint32_t> stages) {
  static std::vector<std::byte> bytes;
  bytes = format::myriad::testing::make_blob({.stages = std::move(stages)});
  return *format::myriad::read_blob(bytes, "x.blob");
}

std::vector<std::string> ids(const std::vector<Finding>& findings) {
  std::vector<std::string> all;
  for (const Finding& finding : findings) all.emplace_back(finding.kind->id);
  return all;
}

TEST(MyriadFindings, StagesThatMoveAndConvertCost) {
  const auto findings = myriad_findings(blob_of({111, 38, 19, 38, 19, 111}));
  EXPECT_THAT(ids(findings), ElementsAre("ncs2-convert", "ncs2-copy", "ncs2-part-of-the-device"));
  EXPECT_THAT(findings[0].operators, ElementsAre(0, 5));
  EXPECT_EQ(findings[1].where, "2 Copy stages");
  EXPECT_EQ(findings[1].cost.microseconds, std::pair(58.0, 68.0));
  EXPECT_EQ(findings[1].cost.basis, Basis::Predicted);
  EXPECT_THAT(findings[2].why_here, testing::HasSubstr("9 of 19 CMX slices and 7 of 16 SHAVEs"));
}

TEST(MyriadFindings, ConvolutionsBesideTheHardwareAreTold) {
  const auto findings = myriad_findings(blob_of({0, 38, 8}));
  ASSERT_THAT(ids(findings), ElementsAre("ncs2-convolution-on-shave", "ncs2-part-of-the-device"));
  EXPECT_THAT(findings[0].operators, ElementsAre(0, 2));
  EXPECT_FALSE(findings[0].cost.microseconds);
}

TEST(MyriadFindings, ALayerThatBecameAStageARow) {
  std::vector<target::ncs2::Stage> stages = {{.name = "in@FP16", .kind = "Convert"}};
  for (const char* row : {"1/3", "2/3", "3/3"})
    stages.push_back({.name = "fc1@fc-to-conv@batch=" + std::string(row), .kind = "MyriadXHwOp"});
  stages.push_back({.name = "conv@batch=1/3", .kind = "MyriadXHwOp"});  // a convolution's batch
  const auto findings = stage_findings(stages);
  ASSERT_THAT(ids(findings), ElementsAre("ncs2-stage-a-row"));
  EXPECT_EQ(findings[0].where, "fc1");
  EXPECT_THAT(findings[0].operators, ElementsAre(1, 2, 3));
  EXPECT_EQ(findings[0].cost.microseconds, std::pair(58.0, 68.0)) << "one stage it would have in any case";
}

TEST(MyriadFindings, PaddingThatTheCompilerPutIn) {
  const std::vector<target::ncs2::Stage> stages = {{.name = "conv@tile=1/2@padding", .kind = "Pad"},
                                                   {.name = "conv@tile=1/2", .kind = "MyriadXHwOp"},
                                                   {.name = "the network's own", .kind = "Pad"}};
  const auto findings = stage_findings(stages);
  ASSERT_THAT(ids(findings), ElementsAre("ncs2-pad"));
  EXPECT_THAT(findings[0].operators, ElementsAre(0));
}

TEST(MyriadFindings, OneStreamHasTheWholeDevice) {
  auto blob = blob_of({38});
  blob.header.cmx_slices = 19;
  blob.header.shaves = 16;
  EXPECT_TRUE(myriad_findings(blob).empty());
}

}  // namespace
}  // namespace edgescope::analysis
