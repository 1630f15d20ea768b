#include "format/onnx/windows.h"

#include <gtest/gtest.h>

namespace edgescope::format::onnx {
namespace {

using graph::kDynamic;

graph::Operator window(Dims kernel, Dims strides, Dims begin, Dims end, const char* padding = "explicit") {
  return {.source_kind = "Conv",
          .attributes = {{"kernel", kernel},
                         {"strides", strides},
                         {"pads_begin", begin},
                         {"pads_end", end},
                         {"padding", std::string(padding)}}};
}

TEST(Windows, Convolutions) {
  EXPECT_EQ(convolution_shape(window({3, 3}, {2, 2}, {1, 1}, {1, 1}), {1, 3, 224, 224}, {32, 3, 3, 3}),
            (Dims{1, 32, 112, 112}));
  EXPECT_EQ(convolution_shape(window({3, 3}, {2, 2}, {}, {}, "same"), {1, 3, 225, 7}, {8, 3, 3, 3}),
            (Dims{1, 8, 113, 4}));
  EXPECT_EQ(convolution_shape(window({3}, {1}, {}, {}, "valid"), {kDynamic, 3, 10}, {8, 3, 3}), (Dims{kDynamic, 8, 8}));
}

TEST(Windows, Dilations) {
  graph::Operator op = window({3, 3}, {1, 1}, {0, 0}, {0, 0});
  op.attributes.emplace_back("dilations", Dims{2, 3});
  EXPECT_EQ(convolution_shape(op, {1, 1, 10, 10}, {1, 1, 3, 3}), (Dims{1, 1, 6, 4}));
}

TEST(Windows, WhatDoesNotFitIsOpenOrNothing) {
  EXPECT_EQ(convolution_shape(window({3, 3}, {1, 1}, {0, 0}, {0, 0}), {1, 3, 2, 2}, {8, 3, 3, 3}),
            (Dims{1, 8, kDynamic, kDynamic}));
  EXPECT_EQ(convolution_shape(window({3, 3}, {0, 1}, {0, 0}, {0, 0}), {1, 3, 9, 9}, {8, 3, 3, 3}),
            (Dims{1, 8, kDynamic, 7}));
  EXPECT_EQ(convolution_shape(window({3}, {1}, {}, {}), {1, 3}, {8, 3, 3}), std::nullopt);
}

TEST(Windows, TransposedConvolutions) {
  graph::Operator op = window({3, 3}, {2, 2}, {1, 1}, {1, 1});
  EXPECT_EQ(transposed_convolution_shape(op, {1, 16, 7, 7}, {16, 8, 3, 3}), (Dims{1, 8, 13, 13}));
  op.attributes.emplace_back("output_padding", Dims{1, 1});
  EXPECT_EQ(transposed_convolution_shape(op, {1, 16, 7, 7}, {16, 8, 3, 3}), (Dims{1, 8, 14, 14}));
  op.attributes.emplace_back("output_shape", Dims{15, 16});
  op.attributes.emplace_back("groups", std::int64_t{2});
  EXPECT_EQ(transposed_convolution_shape(op, {1, 16, 7, 7}, {16, 8, 3, 3}), (Dims{1, 16, 15, 16}));
}

TEST(Windows, Pools) {
  graph::Operator op = window({3, 3}, {2, 2}, {0, 0}, {0, 0});
  EXPECT_EQ(pool_shape(op, {1, 8, 8, 8}), (Dims{1, 8, 3, 3}));
  op.attributes.emplace_back("ceil_mode", std::int64_t{1});
  EXPECT_EQ(pool_shape(op, {1, 8, 8, 8}), (Dims{1, 8, 4, 4}));
  EXPECT_EQ(pool_shape({.source_kind = "GlobalMaxPool"}, {2, 8, 5, 6}), (Dims{2, 8, 1, 1}));
}

TEST(Windows, Arithmetic) {
  EXPECT_EQ(times(INT64_MAX, 2), kDynamic);
  EXPECT_EQ(plus(INT64_MAX, 1), kDynamic);
  EXPECT_EQ(times(kDynamic, 3), kDynamic);
  EXPECT_EQ(plus(4, 3), 7);
}

}  // namespace
}  // namespace edgescope::format::onnx
