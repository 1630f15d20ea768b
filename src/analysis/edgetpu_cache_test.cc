#include "analysis/edgetpu_cache.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "analysis/test_compiled.h"
#include "target/edgetpu/cost.h"

namespace edgescope::analysis {
namespace {

using ::testing::HasSubstr;

// 128 B of parameters and 40 + 64 B of instructions more at the first inference; 64 B stream.
CacheMember member(CompiledModel& test, std::uint64_t token, std::uint64_t row) {
  auto executables = cached_pair();
  for (auto& executable : executables) executable.token = token;
  executables[1].program = record(1, row, 4);
  executables[1].steps.insert(executables[1].steps.begin() + 1, {.kind = wire::AnyHint_InstructionHint, .size = 1});
  test.device(executables);
  return {"token" + std::to_string(token) + "_edgetpu.tflite", test.packages};
}
constexpr std::uint64_t kResent = 128 + 40 + 64;

class EdgeTpuCache : public ::testing::Test {
 protected:
  void add(std::uint64_t token, std::uint64_t row) { members.push_back(member(models[members.size()], token, row)); }
  std::vector<std::string> ids() const {
    std::vector<std::string> result;
    for (const Finding& finding : edgetpu_cache_findings(members)) result.emplace_back(finding.kind->id);
    return result;
  }
  CompiledModel models[3];
  std::vector<CacheMember> members;
};

TEST_F(EdgeTpuCache, DifferentTokensSendAllAgainAtEachSwitch) {
  add(7, 0);
  add(8, 0);
  const base::Json json = edgetpu_cache_json(members);
  ASSERT_EQ(json["switches"].size(), 2u);
  for (const auto& one : json["switches"]) {
    EXPECT_EQ(one["resent_bytes"], kResent);
    EXPECT_THAT(one["why"].get<std::string>(), HasSubstr("different tokens"));
  }
  EXPECT_EQ(json["tokens"].size(), 2u);
  EXPECT_EQ(json["round"]["resent_bytes"], 2 * kResent);
  const auto us = target::edgetpu::transfer_in(target::edgetpu::Link::Usb3, 2 * kResent);
  EXPECT_EQ(json["round"]["us"], base::Json({us.low, us.high}));
  const auto found = edgetpu_cache_findings(members);
  ASSERT_EQ(ids(), std::vector<std::string>{"edgetpu-tokens-alternate"});
  EXPECT_EQ(found[0].cost.bytes, 2 * kResent);
}

TEST_F(EdgeTpuCache, OneTokenIsOneCacheAndSharesCanBeLost) {
  add(7, 0);
  add(7, 4);
  const base::Json json = edgetpu_cache_json(members);
  EXPECT_EQ(json["round"]["resent_bytes"], 0);
  EXPECT_EQ(json["switches"][0]["resent_bytes"], 0);
  EXPECT_THAT(json["switches"][0]["why"].get<std::string>(), HasSubstr("in place"));
  ASSERT_EQ(json["tokens"].size(), 1u);
  EXPECT_EQ(json["tokens"][0]["rows_used"], 8);
  EXPECT_EQ(json["tokens"][0]["overlapping_rows"], 0);
  EXPECT_EQ(json["tokens"][0]["cached_parameter_bytes"], 256);
  EXPECT_EQ(ids(), (std::vector<std::string>{"edgetpu-lost-share", "edgetpu-lost-share"}));
}

TEST_F(EdgeTpuCache, OneTokenInTheSameRowsIsTwoSticks) {
  add(7, 0);
  add(7, 2);
  const base::Json json = edgetpu_cache_json(members);
  EXPECT_EQ(json["tokens"][0]["overlapping_rows"], 2);
  EXPECT_THAT(json["switches"][0]["why"].get<std::string>(), HasSubstr("overwritten"));
  EXPECT_EQ(ids(), std::vector<std::string>{"edgetpu-rows-overlap"});
}

TEST_F(EdgeTpuCache, AModelThatIsNotCompiledIsNamed) {
  add(7, 0);
  members.push_back({"plain_edgetpu.tflite", {}});
  const base::Json json = edgetpu_cache_json(members);
  EXPECT_EQ(json["models"][1]["cached_parameter_bytes"], 0);
  EXPECT_EQ(json["switches"][1]["resent_bytes"], 0) << "the stick is not used in between";
  EXPECT_EQ(ids(), std::vector<std::string>{"edgetpu-not-compiled"});
}

}  // namespace
}  // namespace edgescope::analysis
