#include "analysis/myriad_json.h"

#include <gtest/gtest.h>

#include "format/myriad/test_blob.h"

namespace edgescope::analysis {
namespace {

TEST(MyriadJson, CountsStagesByEngineAndKind) {
  const auto bytes = format::myriad::testing::make_blob({.stages = {111, 38, 38, 19, 38, 111}});
  const auto blob = format::myriad::read_blob(bytes, "x.blob");
  ASSERT_TRUE(blob) << blob.error().message();
  const base::Json json = myriad_json(*blob);
  EXPECT_EQ(json["engines"], (base::Json{{"hardware", 3}, {"shave", 2}, {"dma", 1}}));
  EXPECT_EQ(json["stages"].size(), 6u);
  EXPECT_EQ(json["stages"][3]["kind"], "Copy");
  EXPECT_EQ(json["kinds"][0],
            (base::Json{{"kind", "MyriadXHwOp"}, {"engine", "hardware"}, {"stages", 3}, {"bytes", 60}}));
  EXPECT_EQ(json["kinds"][1]["kind"], "Convert");
  EXPECT_EQ(json["bss_bytes"], 4096);
  EXPECT_EQ(json["constant_bytes"], 256);
  EXPECT_EQ(json["version"], "6.0");
}

TEST(MyriadJson, SaysWhereTensorsLie) {
  const base::Json json = myriad_memory_json(
      {.cmx_bytes = 10,
       .bss_bytes = 20,
       .blob_bytes = 30,
       .tensors = {
           {.name = "a", .usage = "Intermediate", .location = "CMX", .type = "FP16", .offset = 4, .bytes = 8}}});
  EXPECT_EQ(json["bss_bytes"], 20);
  EXPECT_EQ(json["tensors"][0], (base::Json{{"name", "a"},
                                            {"usage", "Intermediate"},
                                            {"type", "FP16"},
                                            {"location", "CMX"},
                                            {"offset", 4},
                                            {"bytes", 8}}));
}

}  // namespace
}  // namespace edgescope::analysis
