#include "forest/decoder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace edgescope::forest {
namespace {

using testing::ElementsAre;

// A tree of two pieces of height 1 (root: leaf 0, or the other piece: leaves 1 and 2) and one that is a leaf.
Decoder::Tables tables() {
  Decoder::Tables tables;
  tables.trees = {{.root = ~0, .hops = 2, .first_value = 0},
                  {.root = 0, .hops = 0, .first_value = 3, .first_output = 1}};
  tables.exits = {0, ~1, 1, 2};
  tables.outputs = {0, 0};
  tables.values = {0.5, 0.25, 2, 10};
  return tables;
}

TEST(Decoder, FollowsPiecesToTheLeaf) {
  const Decoder decoder(tables());
  // Exits 0 and 1 of height 1 are the halves of a byte; what lies below them is room for rounding.
  const std::vector<std::int8_t> cells = {-64, 64, 64, -70, 127, 0};
  std::vector<int> leaves(3 * 2);
  decoder.leaves(cells.data(), 3, 2, 1, leaves.data());
  EXPECT_THAT(leaves, ElementsAre(0, 0, 1, 0, 2, 0));
  std::vector<double> results(3);
  decoder.decode(cells.data(), 3, 2, 1, results.data());
  EXPECT_THAT(results, ElementsAre(10.5, 10.25, 12));
}

TEST(Decoder, ReadsFloatsAndHalves) {
  const Decoder decoder(tables());
  std::vector<double> results(2);
  // Piece after piece.
  const std::vector<float> floats = {1.001F, 0, 0.999F, 1};
  decoder.decode(floats.data(), 2, 1, 2, results.data());
  EXPECT_THAT(results, ElementsAre(12, 10.5));
  Decoder::Tables six = tables();
  six.height = 6;
  six.trees = {{.root = ~0, .hops = 1}};
  six.exits.clear();
  six.values.clear();
  for (int i = 0; i < 64; ++i) {
    six.exits.push_back(i);
    six.values.push_back(i);
  }
  const std::vector<std::uint16_t> halves = {0x0000, 0x3c00, 0x4000, 0x4900, 0x53e0, 0x53df};  // 0 1 2 10 63 62.97
  std::vector<double> exits(6);
  Decoder(six).decode(halves.data(), 6, 1, 1, exits.data());
  EXPECT_THAT(exits, ElementsAre(0, 1, 2, 10, 63, 63));
}

TEST(Decoder, AddsInTheForestsPrecisionAndOrder) {
  Decoder::Tables t = tables();
  t.values = {0, 0, 1e8, 1};
  t.sum_in_float = true;
  t.base_values = {-1e8};
  const std::vector<std::int8_t> cells = {64, 64};
  std::vector<double> result(1);
  Decoder(t).decode(cells.data(), 1, 2, 1, result.data());
  EXPECT_EQ(result[0], 0) << "1e8 + 1 is 1e8 in float";
  t.base_first = true;
  Decoder(t).decode(cells.data(), 1, 2, 1, result.data());
  EXPECT_EQ(result[0], 1);
  t.sum_in_float = t.base_first = false;
  Decoder(t).decode(cells.data(), 1, 2, 1, result.data());
  EXPECT_EQ(result[0], 1);
}

TEST(Decoder, WhatFollowsTheSum) {
  const auto finished = [](Decoder::Tables t, std::vector<double> outputs) {
    t.output_count = static_cast<int>(outputs.size());
    const Decoder decoder(std::move(t));
    std::vector<double> result(static_cast<std::size_t>(decoder.columns()));
    decoder.finish(outputs.data(), result.data());
    return result;
  };
  using Transform = Decoder::Transform;
  EXPECT_THAT(finished({.transform = Transform::Logistic, .second = Decoder::Second::OneMinus}, {0}),
              ElementsAre(0.5, 0.5));
  EXPECT_THAT(finished({.second = Decoder::Second::Negated}, {3}), ElementsAre(-3, 3));
  EXPECT_THAT(finished({.transform = Transform::MaxIndex}, {1, 5, 5}), ElementsAre(1));
  EXPECT_THAT(finished({.transform = Transform::SignedSquare}, {-3}), ElementsAre(-9));
  EXPECT_THAT(finished({.transform = Transform::Hinge}, {0}), ElementsAre(0));
  EXPECT_THAT(finished({.transform = Transform::ExpStandardRatio, .alpha = 2}, {-4}), ElementsAre(4));
  EXPECT_THAT(finished({.norm = Decoder::Norm::L1}, {1, 3}), ElementsAre(0.25, 0.75));
  EXPECT_THAT(finished({.transform = Transform::Softmax}, {7, 7}), ElementsAre(0.5, 0.5));
}

}  // namespace
}  // namespace edgescope::forest
