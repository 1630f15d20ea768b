#include "format/tflite/quantization.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "format/tflite/test_models.h"

namespace edgescope::format::tflite {
namespace {

using testing::HasSubstr;

base::Result<std::shared_ptr<const graph::Quantization>> of(const fb::QuantizationParametersT& source) {
  flatbuffers::FlatBufferBuilder builder;
  builder.Finish(fb::CreateQuantizationParameters(builder, &source));
  const auto* table = flatbuffers::GetRoot<fb::QuantizationParameters>(builder.GetBufferPointer());
  return quantization(table, {.dims = {4, 64}}, 10);
}

std::string failure(const fb::QuantizationParametersT& source) {
  const auto result = of(source);
  return result ? "" : result.error().what;
}

TEST(Quantization, PerTensorAndPerChannel) {
  fb::QuantizationParametersT source;
  source.scale = {0.5f};
  const auto tensor = of(source);
  ASSERT_TRUE(tensor && *tensor);
  EXPECT_FALSE((*tensor)->per_channel());
  EXPECT_EQ((*tensor)->zero_points, std::vector<std::int64_t>{0});

  source.scale = {1, 2, 3, 4};
  source.zero_point = {0, 0, 0, 7};
  const auto channel = of(source);
  ASSERT_TRUE(channel && *channel);
  EXPECT_TRUE((*channel)->per_channel());
  EXPECT_EQ((*channel)->zero_points, (std::vector<std::int64_t>{0, 0, 0, 7}));

  source.zero_point = {5, 5, 5, 5};
  const auto alike = of(source);
  ASSERT_TRUE(alike && *alike);
  EXPECT_EQ((*alike)->zero_points, std::vector<std::int64_t>{5});
}

TEST(Quantization, RangesAloneAreNone) {
  fb::QuantizationParametersT source;
  source.min = {-1};
  source.max = {1};
  const auto none = of(source);
  ASSERT_TRUE(none);
  EXPECT_EQ(*none, nullptr);
  EXPECT_EQ(*quantization(nullptr, {}, 0), nullptr);
}

TEST(Quantization, Blockwise) {
  fb::QuantizationParametersT source;
  source.quantized_dimension = 1;
  fb::BlockwiseQuantizationT block;
  block.scales = 5;
  block.block_size = 32;
  source.details.Set(block);
  const auto result = of(source);
  ASSERT_TRUE(result && *result);
  EXPECT_EQ((*result)->block, 32);
  EXPECT_EQ((*result)->axis, 1);
  EXPECT_EQ((*result)->scales_tensor, 5);
  EXPECT_EQ((*result)->zero_points_tensor, -1);

  block.block_size = 0;
  block.block_shape = {1, 16};
  block.zero_points = 6;
  source.quantized_dimension = 0;
  source.details.Set(block);
  const auto shaped = of(source);
  ASSERT_TRUE(shaped && *shaped);
  EXPECT_EQ((*shaped)->block, 16);
  EXPECT_EQ((*shaped)->axis, 1);
  EXPECT_EQ((*shaped)->zero_points_tensor, 6);
}

TEST(Quantization, NamesWhatIsWrong) {
  fb::QuantizationParametersT source;
  source.scale = {1, 2};
  EXPECT_THAT(failure(source), HasSubstr("2 scales for 4 channels"));
  source.zero_point = {1, 2, 3};
  EXPECT_THAT(failure(source), HasSubstr("2 scales and 3 zero points"));
  source.zero_point.clear();
  source.quantized_dimension = 2;
  EXPECT_THAT(failure(source), HasSubstr("dimension 2 of 2"));
  fb::BlockwiseQuantizationT block;
  block.scales = 10;
  source.details.Set(block);
  EXPECT_THAT(failure(source), HasSubstr("tensor 10 of 10"));
}

}  // namespace
}  // namespace edgescope::format::tflite
