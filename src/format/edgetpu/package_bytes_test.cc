#include "format/edgetpu/package_bytes.h"

#include <gtest/gtest.h>

#include <numeric>

#include "format/edgetpu/package.h"
#include "format/edgetpu/test_package.h"

namespace edgescope::format::edgetpu {
namespace {

std::uint64_t sum(const OwnedBytes& owned) { return std::accumulate(owned.begin(), owned.end(), std::uint64_t{0}); }
std::uint64_t of(const OwnedBytes& owned, ByteOwner owner) { return owned[static_cast<std::size_t>(owner)]; }

TEST(PackageBytes, EveryByteOfTheOptionsHasOneOwner) {
  const auto options = testing::options_of(testing::cached_pair());
  const auto package = read_package(options, "m.tflite");
  ASSERT_TRUE(package) << package.error().message();
  const OwnedBytes& owned = package->owned_bytes;
  EXPECT_EQ(package->options_bytes, options.size());
  EXPECT_EQ(sum(owned), options.size());
  EXPECT_EQ(of(owned, ByteOwner::CachedParameters), 128u);
  EXPECT_EQ(of(owned, ByteOwner::StreamedParameters), 64u);
  EXPECT_EQ(of(owned, ByteOwner::Instructions), 32u + 16 + 40);
  for (ByteOwner owner :
       {ByteOwner::AddressFields, ByteOwner::Hints, ByteOwner::Layers, ByteOwner::Descriptions, ByteOwner::Padding})
    EXPECT_GT(of(owned, owner), 0u) << byte_owner_name(owner);
}

TEST(PackageBytes, WhatTwoShareBelongsToTheFirst) {
  const std::vector<std::byte> bytes(100, std::byte{1});
  PackageBytes account(bytes, "m");
  const std::span<const std::byte> all(bytes);
  account.claim(ByteOwner::Hints, all.subspan(10, 20));
  account.claim(ByteOwner::Layers, all.subspan(20, 20));
  account.claim(ByteOwner::Layers, all.subspan(90, 10));
  const std::vector<std::byte> elsewhere(4);
  account.claim(ByteOwner::Layers, elsewhere);
  const OwnedBytes owned = std::move(account).finish();
  EXPECT_EQ(of(owned, ByteOwner::Hints), 20u);
  EXPECT_EQ(of(owned, ByteOwner::Layers), 20u);
  EXPECT_EQ(of(owned, ByteOwner::Descriptions), 60u) << "nobody named them and they are not zero";
  EXPECT_EQ(sum(owned), 100u);
}

}  // namespace
}  // namespace edgescope::format::edgetpu
