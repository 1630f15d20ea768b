#include "analysis/finding.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <set>

namespace edgescope::analysis {
namespace {

using testing::HasSubstr;

TEST(Finding, TheCatalogueNamesEachOnceAndTheDocsExplainIt) {
  std::ifstream file(EDGESCOPE_SOURCE_DIR "/docs/findings.md");
  const std::string docs(std::istreambuf_iterator<char>(file), {});
  std::set<std::string_view> ids;
  for (const FindingKind& kind : finding_catalogue()) {
    EXPECT_TRUE(ids.insert(kind.id).second) << kind.id;
    EXPECT_THAT(docs, HasSubstr("\n## `" + std::string(kind.id) + "`\n"));
    EXPECT_FALSE(kind.why.empty()) << kind.id;
    EXPECT_FALSE(kind.remedy.empty()) << kind.id;
  }
}

TEST(Finding, SaysWhatIsSoOfThisCaseAfterWhatIsSoOfAll) {
  const FindingKind& kind = finding_kind("padding-bytes");
  const Finding findings[] = {
      {.kind = &kind, .where = "there", .cost = {.bytes = 5}, .why_here = "Here.", .remedy_here = "Do."},
      {.kind = &kind, .where = "here", .cost = {.microseconds = {{1.5, 2}}, .basis = Basis::Predicted}}};
  const base::Json json = findings_json(findings);
  EXPECT_EQ(json[0]["why"], std::string(kind.why) + " Here.");
  EXPECT_EQ(json[0]["remedy"], std::string(kind.remedy) + " Do.");
  EXPECT_EQ(json[0]["cost"], (base::Json{{"bytes", 5}, {"us", nullptr}, {"basis", "exact"}}));
  EXPECT_EQ(json[1]["why"], kind.why);
  EXPECT_EQ(json[1]["cost"], (base::Json{{"bytes", nullptr}, {"us", {1.5, 2.0}}, {"basis", "predicted"}}));
}

}  // namespace
}  // namespace edgescope::analysis
