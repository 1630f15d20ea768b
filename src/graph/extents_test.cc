#include "graph/extents.h"

#include <gtest/gtest.h>

#include <numeric>
#include <random>

namespace edgescope::graph {
namespace {

std::vector<base::MappedFile> file_of(const std::vector<std::byte>& bytes) {
  return {base::MappedFile::borrow(bytes, "f")};
}

TEST(Extents, TheFirstClaimWinsAndGapsAreFilled) {
  std::vector<std::byte> bytes(100);
  bytes[95] = std::byte{1};
  ExtentBuilder builder;
  builder.add({.offset = 10, .size = 20, .owner = Extent::Owner::Weights, .tensor = 0});
  builder.add({.offset = 0, .size = 40, .owner = Extent::Owner::Tensors, .tensor = 1});
  const auto extents = std::move(builder).finish(file_of(bytes));
  ASSERT_EQ(extents.size(), 4u);
  EXPECT_EQ(extents[0].tensor, 1);
  EXPECT_EQ(extents[1].tensor, 0);
  EXPECT_EQ(extents[1].size, 20u);
  EXPECT_EQ(extents[2].offset, 30u);
  EXPECT_EQ(extents[3].owner, Extent::Owner::Graph);
  EXPECT_EQ(extents[3].size, 60u);
}

TEST(Extents, ZeroGapsArePadding) {
  const std::vector<std::byte> bytes(8);
  const auto extents = ExtentBuilder{}.finish(file_of(bytes));
  ASSERT_EQ(extents.size(), 1u);
  EXPECT_EQ(extents[0].owner, Extent::Owner::Padding);
}

TEST(Extents, AnySetOfClaimsAddsUpToTheFile) {
  std::mt19937 random(7);
  for (int round = 0; round < 200; ++round) {
    const std::vector<std::byte> bytes(1 + random() % 300, std::byte{1});
    ExtentBuilder builder;
    for (int i = 0; i < 20; ++i) {
      const std::uint64_t offset = random() % 320;
      builder.add({.offset = offset, .size = random() % 60, .owner = Extent::Owner::Weights, .tensor = i});
    }
    const auto extents = std::move(builder).finish(file_of(bytes));
    std::uint64_t at = 0;
    for (const Extent& extent : extents) {
      EXPECT_EQ(extent.offset, at);
      at += extent.size;
    }
    EXPECT_EQ(at, bytes.size());
    std::uint64_t sum = 0;
    for (const OwnerTotal& total : totals(extents)) sum += total.bytes;
    EXPECT_EQ(sum, bytes.size());
  }
}

}  // namespace
}  // namespace edgescope::graph
