#include "analysis/image_inputs.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>

namespace edgescope::analysis {
namespace {

using graph::ElementType;
using runtime::Port;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

// 2 x 1 pixels: (10, 20, 30), (40, 50, 60).
const std::string kBmp = [] {
  std::string text = std::string("BM\0\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0\x02\0\0\0\x01\0\0\0\x01\0\x18\0", 30);
  return text + std::string(24, '\0') + std::string("\x1e\x14\x0a\x3c\x32\x28..", 8);
}();

base::Result<ImageInput> given(const Port& port, const ImageOptions& options = {}) {
  return image_input(std::as_bytes(std::span(kBmp.data(), kBmp.size())), "two.bmp", port, options);
}

Port port(ElementType type, std::vector<std::int64_t> shape) {
  return {.name = "x", .type = type, .shape = std::move(shape)};
}

std::vector<float> floats(const base::Result<ImageInput>& input) {
  EXPECT_TRUE(input) << input.error().message();
  std::vector<float> values(input->bytes.size() / 4);
  std::memcpy(values.data(), input->bytes.data(), input->bytes.size());
  return values;
}

std::vector<int> eights(const base::Result<ImageInput>& input) {
  EXPECT_TRUE(input) << input.error().message();
  std::vector<int> values;
  for (const std::byte one : input->bytes) values.push_back(std::to_integer<int>(one));
  return values;
}

TEST(ImageInput, FloatsAreShares) {
  const auto input = given(port(ElementType::Float32, {1, 1, 2, 3}));
  EXPECT_THAT(floats(input), ElementsAre(10 / 255.F, 20 / 255.F, 30 / 255.F, 40 / 255.F, 50 / 255.F, 60 / 255.F));
  EXPECT_EQ(input->how, "two.bmp: 2x1, RGB, channels last, bytes / 255");
}

TEST(ImageInput, ChannelsFirstBlueFirstMeanAndScale) {
  const auto input = given(port(ElementType::Float32, {1, 3, 1, 2}), {.mean = {10, 20, 30}, .scale = {2}, .bgr = true});
  EXPECT_THAT(floats(input), ElementsAre(10, 25, 0, 15, -10, 5));
  EXPECT_EQ(input->how, "two.bmp: 2x1, BGR, channels first, (bytes - 10,20,30) / 2");
  EXPECT_THAT(floats(given(port(ElementType::Float32, {1, 1, 2, 3}), {.mean = {10}})),
              ElementsAre(0, 10, 20, 30, 40, 50))
      << "a mean without a scale is not divided by 255";
}

TEST(ImageInput, EightBitsTakeTheBytes) {
  Port bytes = port(ElementType::UInt8, {1, 1, 2, 3});
  EXPECT_THAT(eights(given(bytes)), ElementsAre(10, 20, 30, 40, 50, 60));
  bytes.quantized = true;
  bytes.scale = 0.5;
  bytes.zero_point = 3;
  EXPECT_THAT(eights(given(bytes)), ElementsAre(10, 20, 30, 40, 50, 60)) << "whatever they stand for";
  Port signs = port(ElementType::Int8, {1, 1, 2, 3});
  EXPECT_THAT(eights(given(signs)), ElementsAre(138, 148, 158, 168, 178, 188)) << "10 - 128 as a byte is 138";
  // A rule that is given says what the numbers mean; then the input's own steps are taken.
  EXPECT_THAT(eights(given(bytes, {.scale = {10}})), ElementsAre(5, 7, 9, 11, 13, 15));
}

TEST(ImageInput, AnotherSizeIsResizedAndSaidSo) {
  const auto input = given(port(ElementType::UInt8, {1, 2, 4, 1}));
  EXPECT_EQ(eights(input).size(), 8U);
  EXPECT_EQ(input->how,
            "two.bmp: 2x1 resized to 4x2 (bilinear, half-pixel centres), grey, channels last, bytes as they are");
}

TEST(ImageInput, OnlyWhatHasASizeTakesAPicture) {
  EXPECT_THAT(given(port(ElementType::Float32, {1, 784})).error().message(), HasSubstr("1x784: no picture"));
  EXPECT_THAT(given(port(ElementType::Float32, {1, 2, 4, 7})).error().message(), HasSubstr("no picture"));
  EXPECT_THAT(given(port(ElementType::Float32, {1, -1, 4, 3})).error().message(), HasSubstr("no picture"));
  EXPECT_EQ(given(port(ElementType::Float32, {1, 1, 2, 3}), {.mean = {1, 2}}).error().fault, base::Fault::usage);
}

}  // namespace
}  // namespace edgescope::analysis
