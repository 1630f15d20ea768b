#include "target/ncs2/half.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace edgescope::target::ncs2 {
namespace {

std::vector<HalfLoss> losses_of(const std::vector<float>& values) {
  graph::Model model;
  graph::Subgraph graph;
  graph.tensors = {
      {.name = "w", .type = graph::ElementType::Float32, .constant = true, .data = std::as_bytes(std::span(values))}};
  model.subgraphs.push_back(std::move(graph));
  return half_losses(model);
}

TEST(HalfLoss, WhatFitsIsNotTold) {
  EXPECT_TRUE(
      losses_of({0, -0.0F, 1, -3.14159F, 65504, 0x1p-24F, 2048, 2050, 4100, std::numeric_limits<float>::infinity()})
          .empty());
  EXPECT_TRUE(half_losses({}).empty());
}

TEST(HalfLoss, CountsEachWayOfLosing) {
  const auto losses = losses_of({65519, 65520, -1e9F, 1e-9F, -0x1p-25F, 2049, -4098, 4100, 8193, 1});
  ASSERT_EQ(losses.size(), 1u);
  EXPECT_EQ(losses[0].elements, 10u);
  EXPECT_EQ(losses[0].infinite, 2u);
  EXPECT_EQ(losses[0].vanished, 2u);
  EXPECT_EQ(losses[0].changed_integers, 4u);  // 65519, 2049, -4098, 8193
}

TEST(HalfLoss, RoundsToTheNearestOfSixteenBits) {
  EXPECT_EQ(rounded_to_half(1.0F / 3), 0.333251953125F);
  EXPECT_EQ(rounded_to_half(-2049), -2048) << "half way: to the even one";
  EXPECT_EQ(rounded_to_half(2051), 2052);
  EXPECT_EQ(rounded_to_half(0x1.8p-25F), 0x1p-24F);
  EXPECT_EQ(rounded_to_half(0x1p-25F), 0);
  EXPECT_EQ(rounded_to_half(65519), 65504);
  EXPECT_TRUE(std::isinf(rounded_to_half(65520)));
  EXPECT_TRUE(std::isnan(rounded_to_half(std::nanf(""))));
}

TEST(HalfLoss, OtherConstantsAreLeftAlone) {
  std::vector<float> values = {1e9F};
  graph::Model model;
  graph::Subgraph graph;
  graph.tensors = {
      {.name = "shape", .type = graph::ElementType::Int32, .constant = true, .data = std::as_bytes(std::span(values))},
      {.name = "input", .type = graph::ElementType::Float32}};
  model.subgraphs.push_back(std::move(graph));
  EXPECT_TRUE(half_losses(model).empty());
}

}  // namespace
}  // namespace edgescope::target::ncs2
