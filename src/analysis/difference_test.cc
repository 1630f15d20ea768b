#include "analysis/difference.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>

namespace edgescope::analysis {
namespace {

using graph::ElementType;
using runtime::Port;

template <typename T>
std::vector<std::byte> bytes(std::initializer_list<T> values) {
  std::vector<std::byte> out(values.size() * sizeof(T));
  std::memcpy(out.data(), std::data(values), out.size());
  return out;
}

Port floats(std::vector<std::int64_t> shape) {
  return {.name = "out", .type = ElementType::Float32, .shape = std::move(shape)};
}

Port quantised(std::vector<std::int64_t> shape) {
  return {.name = "out",
          .type = ElementType::UInt8,
          .shape = std::move(shape),
          .quantized = true,
          .scale = 0.5,
          .zero_point = 10};
}

TEST(Difference, OfFloats) {
  const auto a = bytes<float>({0, 1, 2, 3}), b = bytes<float>({0, 1.5, 2, 2.75});
  const auto result = difference({floats({1, 2}), a}, {floats({1, 2}), b}, 2, false);
  ASSERT_TRUE(result);
  EXPECT_EQ(result->values, 4u);
  EXPECT_DOUBLE_EQ(result->absolute.max, 0.5);
  EXPECT_DOUBLE_EQ(result->absolute.mean, 0.1875);
  EXPECT_EQ(result->low, 0);
  EXPECT_EQ(result->high, 3);
  EXPECT_FALSE(result->steps);
  EXPECT_FALSE(result->top1);
  EXPECT_DOUBLE_EQ(result->rms, std::sqrt(0.3125 / 4));
  EXPECT_DOUBLE_EQ(result->reference_sd, std::sqrt(1.25));
  EXPECT_EQ(result->agreement, Agreement::Close);
}

TEST(Difference, AnotherFunctionDiffers) {
  const auto scores = bytes<float>({0, 1, 0, 0, 0, 0, 1, 0}),
             flat = bytes<float>({0.25, 0.25, 0.25, 0.25, 0.25, 0.25, 0.25, 0.25});
  EXPECT_EQ(difference({floats({1, 4}), scores}, {floats({1, 4}), flat}, 2, true)->agreement, Agreement::Differs);
  EXPECT_EQ(difference({floats({1, 4}), flat}, {floats({1, 4}), scores}, 2, true)->agreement, Agreement::Differs);
  const auto swapped = bytes<float>({1, 0, 0, 0, 1, 0, 0, 0});
  EXPECT_EQ(difference({floats({1, 4}), scores}, {floats({1, 4}), swapped}, 2, true)->agreement, Agreement::Differs);
}

TEST(Difference, OfBytesInSteps) {
  const auto a = bytes<std::uint8_t>({0, 100, 200, 255}), b = bytes<std::uint8_t>({0, 101, 200, 255});
  const auto result = difference({quantised({4}), a}, {quantised({4}), b}, 1, false);
  ASSERT_TRUE(result);
  EXPECT_EQ(result->steps->max, 1);
  EXPECT_EQ(result->steps->mean, 0.25);
  EXPECT_EQ(result->absolute.max, 0.5);
  EXPECT_EQ(result->low, -5);
  EXPECT_EQ(result->agreement, Agreement::Close);
}

TEST(Difference, OfBytesAgainstFloats) {
  const auto a = bytes<std::uint8_t>({10, 12}), b = bytes<float>({0, 1});
  const auto result = difference({quantised({2}), a}, {floats({2}), b}, 1, false);
  ASSERT_TRUE(result);
  EXPECT_EQ(result->agreement, Agreement::Equal);
}

TEST(Difference, WhoDoesNotTellIsTakenToBeQuantisedTheSame) {
  const auto a = bytes<std::uint8_t>({10, 12}), b = bytes<std::uint8_t>({10, 13});
  Port silent = quantised({2});
  silent.quantized = false;
  for (const auto& result : {difference({quantised({2}), a}, {silent, b}, 1, false),
                             difference({silent, a}, {quantised({2}), b}, 1, false)}) {
    ASSERT_TRUE(result);
    EXPECT_EQ(result->absolute.max, 0.5);
    EXPECT_EQ(result->low, 0);
  }
}

TEST(Difference, Halves) {
  const Port half{.name = "out", .type = ElementType::Float16, .shape = {5}};
  const Port brain{.name = "out", .type = ElementType::BFloat16, .shape = {5}};
  const auto a = bytes<std::uint16_t>({0x3c00, 0xc000, 0x0001, 0x7bff, 0x7c00});
  const auto b = bytes<float>({1, -2, std::ldexp(1.f, -24), 65504, INFINITY});
  const auto c = bytes<std::uint16_t>({0x3f80, 0xc000, 0x3380, 0x4780, 0x7f80});
  EXPECT_EQ(difference({half, a}, {floats({5}), b}, 1, false)->agreement, Agreement::Equal);
  EXPECT_EQ(difference({brain, c}, {floats({5}), b}, 1, false)->absolute.max, 32);  // 65504 rounds to 65536
}

TEST(Difference, WhatIsNotFiniteIsCountedNotAveraged) {
  const auto a = bytes<float>({NAN, 1, INFINITY, 2}), b = bytes<float>({NAN, NAN, INFINITY, 2});
  const auto result = difference({floats({4}), a}, {floats({4}), b}, 1, false);
  EXPECT_EQ(result->not_finite, 1u);
  EXPECT_EQ(result->values, 1u);
  EXPECT_EQ(result->absolute.max, 0);
  EXPECT_EQ(result->agreement, Agreement::Differs);
}

TEST(Difference, Top1CountsRowsAndTakesTheFirstOfATie) {
  const auto a = bytes<std::uint8_t>({1, 9, 9, 5, 0, 1, 7, 2, 3}), b = bytes<std::uint8_t>({1, 9, 8, 0, 5, 1, 7, 7, 7});
  const auto result = difference({quantised({1, 3}), a}, {quantised({1, 3}), b}, 3, true);
  ASSERT_TRUE(result);
  EXPECT_DOUBLE_EQ(*result->top1, 2.0 / 3);
  const auto last = bytes<std::uint8_t>({0, 0, 9}), flat = bytes<std::uint8_t>({4, 4, 4});
  EXPECT_EQ(difference({quantised({1, 3}), last}, {quantised({1, 3}), flat}, 1, true)->top1, 0)
      << "an answer that says nothing agrees with nothing";
  EXPECT_FALSE(difference({quantised({1, 3}), a}, {quantised({1, 3}), b}, 3, false)->top1) << "one output of several";
  const auto grid = bytes<float>({1, 2, 3, 4});
  EXPECT_FALSE(difference({floats({2, 2}), grid}, {floats({2, 2}), grid}, 1, true)->top1) << "two long dimensions";
  const Port index{.name = "out", .type = ElementType::Int32, .shape = {2}};
  const auto whole = bytes<std::int32_t>({1, 2});
  EXPECT_FALSE(difference({index, whole}, {index, whole}, 1, true)->top1) << "not scores";
}

TEST(Difference, InUnitsOfLastPlace) {
  const float one = 1, above = std::nextafter(1.f, 2.f), tiny = std::numeric_limits<float>::denorm_min();
  const auto a = bytes<float>({one, tiny, 0.f, 2}), b = bytes<float>({above, -tiny, -0.f, 2});
  const auto result = difference({floats({4}), a}, {floats({4}), b}, 1, false);
  ASSERT_TRUE(result && result->ulps);
  EXPECT_EQ(result->ulps->max, 2) << "from the least below zero to the least above";
  EXPECT_EQ(result->ulps->mean, 0.75);
  EXPECT_EQ(result->different, 2u) << "zeros of both signs are the same";
  const auto doubles = bytes<double>({1, 1, 0, 2});
  const Port wide{.name = "out", .type = ElementType::Float64, .shape = {4}};
  EXPECT_FALSE(difference({floats({4}), a}, {wide, doubles}, 1, false)->ulps) << "two types have no common unit";
}

TEST(Difference, AngleNoiseAndThe999thOfAThousand) {
  std::vector<float> x(2000, 1.f), y = x;
  y[7] += 8;
  y[8] += 4;
  y[9] += 2;
  const auto raw = [](const std::vector<float>& values) { return std::as_bytes(std::span(values)); };
  const auto result = difference({floats({2000}), raw(x)}, {floats({2000}), raw(y)}, 1, false);
  ASSERT_TRUE(result);
  EXPECT_EQ(result->absolute.max, 8);
  EXPECT_EQ(result->absolute.p999, 2) << "two values of 2,000 differ by more";
  EXPECT_EQ(result->different, 3u);
  EXPECT_NEAR(*result->snr_db, 10 * std::log10(2000.0 / 84), 1e-12);
  EXPECT_NEAR(*result->cosine, 2014 / std::sqrt(2000.0 * (1997 + 81 + 25 + 9)), 1e-12);
  const auto same = difference({floats({2000}), raw(x)}, {floats({2000}), raw(x)}, 1, false);
  EXPECT_FALSE(same->snr_db);
  EXPECT_NEAR(*same->cosine, 1, 1e-12);
}

TEST(Difference, Top5AndFlips) {
  const auto a = bytes<float>({7, 6, 5, 4, 3, 2, 1, 7, 6, 5, 4, 3, 2, 1});
  const auto b = bytes<float>({7, 6, 5, 4, 3, 2, 1, 1, 6, 5, 4, 3, 2, 7});
  const auto result = difference({floats({1, 7}), a}, {floats({1, 7}), b}, 2, true);
  ASSERT_TRUE(result && result->top5);
  EXPECT_EQ(*result->top5, 0.9);
  EXPECT_EQ(*result->flips, 1u);
  EXPECT_EQ(to_json(*result)["decision_flips"], 1);
}

TEST(Difference, WideIntegersAreComparedAsTheyAre) {
  const Port port{.name = "out", .type = ElementType::Int64, .shape = {1}};
  const auto a = bytes<std::int64_t>({(1ll << 60) + 1}), b = bytes<std::int64_t>({1ll << 60});
  EXPECT_EQ(difference({port, a}, {port, b}, 1, false)->different, 1u);
}

TEST(Difference, RefusesWhatCannotBeCompared) {
  const auto a = bytes<float>({1, 2}), b = bytes<float>({1, 2, 3});
  EXPECT_FALSE(difference({floats({2}), a}, {floats({3}), b}, 1, false));
  EXPECT_FALSE(difference({floats({2}), a}, {floats({2}), b}, 1, false)) << "bytes that are not what the port says";
  const Port strings{.name = "out", .type = ElementType::String, .shape = {2}};
  EXPECT_FALSE(difference({strings, a}, {strings, a}, 1, false));
}

TEST(Match, ByNameElseByPlace) {
  const auto port = [](std::string name, std::vector<std::int64_t> shape) {
    return Port{.name = std::move(name), .shape = std::move(shape)};
  };
  using Order = std::vector<std::size_t>;
  EXPECT_EQ(match({port("a", {1}), port("b", {2})}, {port("b", {2}), port("a", {1})}), (Order{1, 0}));
  EXPECT_EQ(match({port("a", {1}), port("b", {2})}, {port("x", {1}), port("y", {2})}), (Order{0, 1}));
  EXPECT_EQ(match({port("a", {1}), port("b", {2})}, {port("x", {2}), port("y", {1})}), std::nullopt);
  EXPECT_EQ(match({port("a", {1})}, {}), std::nullopt);
}

}  // namespace
}  // namespace edgescope::analysis
