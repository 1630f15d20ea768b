#include "format/myriad/blob.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "format/myriad/test_blob.h"

namespace edgescope::format::myriad {
namespace {

using ::testing::HasSubstr;

TEST(MyriadBlob, StagesHaveKindsAndEngines) {
  const auto bytes = testing::make_blob({.stages = {111, 38, 19, 119, 999}});
  const auto blob = read_blob(bytes, "x.blob");
  ASSERT_TRUE(blob) << blob.error().message();
  ASSERT_EQ(blob->stages.size(), 5u);
  EXPECT_EQ(blob->stages[0].kind(), "Convert");
  EXPECT_EQ(blob->stages[0].engine(), Engine::Shave);
  EXPECT_EQ(blob->stages[0].shaves, 4u);
  EXPECT_EQ(blob->stages[1].kind(), "MyriadXHwOp");
  EXPECT_EQ(blob->stages[1].engine(), Engine::Hardware);
  EXPECT_EQ(engine_name(blob->stages[2].engine()), "dma");
  EXPECT_EQ(blob->stages[3].engine(), Engine::Dma);
  EXPECT_EQ(blob->stages[4].kind(), "type 999");
  EXPECT_EQ(blob->constant_bytes(), 256u);
  EXPECT_EQ(blob->header.bss_bytes, 4096u);
}

TEST(MyriadBlob, AnExportedFileHasItsBlobBehindAPrefix) {
  auto bytes = testing::make_blob();
  bytes.insert(bytes.begin(), 77, std::byte{0x7f});
  const auto blob = read_blob(bytes, "x.blob");
  ASSERT_TRUE(blob) << blob.error().message();
  EXPECT_EQ(blob->offset, 77u);
  EXPECT_EQ(blob->stages.size(), 3u);
}

TEST(MyriadBlob, OtherFilesAreNone) {
  EXPECT_FALSE(find_blob({}));
  EXPECT_FALSE(find_blob(std::vector<std::byte>(4096, std::byte{0x7f})));
  const auto refused = read_blob(std::vector<std::byte>(4096), "x");
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message(), HasSubstr("no blob"));
}

TEST(MyriadBlob, WhatIsCutOffOrDamagedIsSaid) {
  const auto whole = testing::make_blob();
  for (std::size_t size = 56; size < whole.size(); ++size)
    EXPECT_FALSE(read_blob(std::span(whole).first(size), "x")) << size;
  const auto with = [&](std::size_t at, std::uint32_t value) {
    auto bytes = whole;
    std::memcpy(bytes.data() + at, &value, 4);
    const auto blob = read_blob(bytes, "x");
    return blob ? std::string("read") : blob.error().message();
  };
  EXPECT_THAT(with(60, 5), HasSubstr("version 5"));
  EXPECT_THAT(with(76, 0xFFFFFFFF), HasSubstr("no room"));
  EXPECT_THAT(with(76, 4), HasSubstr("no room"));
  EXPECT_THAT(with(76, 2), HasSubstr("read"));
  EXPECT_THAT(with(172, 40), HasSubstr("stage 2 has an impossible length"));
  EXPECT_THAT(with(132, 0), HasSubstr("stage 0 has an impossible length"));
  EXPECT_THAT(with(132, 0xFFFFFFF0), HasSubstr("impossible length"));
  EXPECT_THAT(with(152, 16), HasSubstr("stage 1 does not end"));
  EXPECT_THAT(with(124, 0xFFFFFFFF), HasSubstr("no order"));
}

}  // namespace
}  // namespace edgescope::format::myriad
