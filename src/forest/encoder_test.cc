#include "forest/encoder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace edgescope::forest {
namespace {

using testing::ElementsAre;

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

// Two features; the second has a rank at 2 for NaN and a set [10, 20).
Encoder::Tables tables() {
  Encoder::Tables tables;
  tables.features = 2;
  tables.columns = 3;
  tables.in_float = false;
  tables.boundaries = {0, 1, 2, 5, HUGE_VAL, HUGE_VAL, std::nextafter(10.0, 0.0), std::nextafter(20.0, 0.0), HUGE_VAL};
  tables.searches = {{.feature = 0, .steps = 2, .first = 0, .column = 0},
                     {.feature = 1, .steps = 2, .first = 3, .column = 1, .missing_rank = 2, .zero_missing = true},
                     {.feature = 1, .steps = 2, .first = 6, .column = 2, .missing_rank = 1, .parity = true}};
  return tables;
}

TEST(Encoder, CountsTheBoundariesBelow) {
  const Encoder encoder(tables());
  const std::vector<double> rows = {0, 5, 0.5, 6, 1e9, 10, -1, kNan, HUGE_VAL, 0, kNan, 20};
  std::vector<float> cells(6 * 3);
  encoder.encode(rows.data(), 6, cells.data());
  EXPECT_THAT(cells, ElementsAre(0, 0, 0, 1, 1, 0, 3, 1, 1, 0, 2, 1, 3, 2, 0, 0, 1, 0));
}

TEST(Encoder, OneRowAndManyAreTheSame) {
  const Encoder encoder(tables());
  std::vector<double> rows;
  for (int i = 0; i < 100; ++i) rows.insert(rows.end(), {i * 0.05 - 1, i * 0.3});
  std::vector<std::int8_t> together(100 * 3), alone(100 * 3);
  encoder.encode(rows.data(), 100, together.data());
  for (std::size_t i = 0; i < 100; ++i) encoder.encode(rows.data() + 2 * i, 1, alone.data() + 3 * i);
  EXPECT_EQ(together, alone);
  // Column after column, as the NCS2's program has it.
  std::vector<std::int8_t> columns(100 * 3);
  encoder.encode(rows.data(), 100, columns.data(), 1, 100);
  for (std::size_t i = 0; i < 100; ++i)
    for (std::size_t c = 0; c < 3; ++c) EXPECT_EQ(columns[c * 100 + i], together[i * 3 + c]);
}

TEST(Encoder, RanksAboveTheLimit) {
  Encoder::Tables tables;
  tables.features = 1;
  tables.columns = 4;
  tables.in_float = false;
  for (int i = 0; i < 511; ++i) tables.boundaries.push_back(i);
  tables.searches = {{.feature = 0, .steps = 9, .first = 0, .column = 0, .columns = 2, .wide = true},
                     {.feature = 0, .steps = 9, .first = 0, .column = 2, .columns = 2}};
  const Encoder encoder(tables);
  const std::vector<double> rows = {-1, 16.5, 254.5, 299.5};
  std::vector<std::uint16_t> cells(4 * 4);
  encoder.encode(rows.data(), 4, cells.data());
  const auto half = [](std::uint16_t bits) {
    return bits == 0 ? 0 : static_cast<int>(std::ldexp(1024 + (bits & 0x3ff), (bits >> 10) - 25));
  };
  std::vector<int> ranks;
  for (const std::uint16_t cell : cells) ranks.push_back(half(cell));
  EXPECT_THAT(ranks, ElementsAre(0, 0, 0, 0, 1, 1, 17, 0, 15, 15, 255, 0, 18, 12, 255, 45));
}

TEST(Encoder, DoublesAreRoundedWhereTheForestComparesFloats) {
  Encoder::Tables tables;
  tables.features = tables.columns = 1;
  tables.boundaries = {double{0.1F}};
  tables.searches = {{.feature = 0, .steps = 1}};
  const std::vector<double> rows = {std::nextafter(double{0.1F}, 1.0)};
  std::vector<float> cells(1);
  Encoder(tables).encode(rows.data(), 1, cells.data());
  EXPECT_EQ(cells[0], 0);
  tables.in_float = false;
  Encoder(tables).encode(rows.data(), 1, cells.data());
  EXPECT_EQ(cells[0], 1);
}

}  // namespace
}  // namespace edgescope::forest
