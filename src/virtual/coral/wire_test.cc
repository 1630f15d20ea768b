#include "virtual/coral/wire.h"

#include <gtest/gtest.h>

namespace edgescope::virtual_usb::coral {
namespace {

using format::edgetpu::DataType;
using format::edgetpu::Layer;
using Bytes = std::vector<std::uint8_t>;

// 2 x 3 x 2 in two tiles: the first holds column 0, the second columns 1 and 2; rows of 4 and 8 B.
Layer tiled() {
  Layer layer{.name = "out", .bytes = 24, .y = 2, .x = 3, .z = 2, .type = DataType::U8};
  layer.layout = {.y_to_tile = {0, 0},
                  .x_to_tile = {0, 1, 1},
                  .tile_byte_offset = {0, 8},
                  .x_to_local_byte_offset = {0, 0, 4},
                  .y_to_local_row = {0, 1},
                  .x_to_local_row_size = {4, 8, 8}};
  return layer;
}

TEST(Wire, OutputsLieInTheOrderOfTiles) {
  const auto wire = to_wire(tiled(), Bytes{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12});
  ASSERT_TRUE(wire);
  EXPECT_EQ(*wire, (Bytes{1, 2, 0, 0, 7, 8, 0, 0,  //
                          3, 4, 0, 0, 5, 6, 0, 0, 9, 10, 0, 0, 11, 12, 0, 0}));
}

TEST(Wire, SignedValuesHaveTheirHighestBitInverted) {
  Layer layer{.bytes = 4, .y = 1, .x = 1, .z = 3, .type = DataType::I8};
  EXPECT_EQ(*to_wire(layer, Bytes{0x00, 0x7F, 0x80}), (Bytes{0x80, 0xFF, 0x00, 0}));
  EXPECT_EQ(from_wire(layer, Bytes{0x80, 0xFF, 0x00, 0}), (Bytes{0x00, 0x7F, 0x80}));
  layer.type = DataType::I16;
  layer.z = 2;
  EXPECT_EQ(from_wire(layer, Bytes{1, 0x80, 2, 0x00}), (Bytes{1, 0x00, 2, 0x80}));
}

TEST(Wire, ExecutionsAreApartByTheirPadding) {
  const Layer layer{.bytes = 4, .y = 1, .x = 1, .z = 3, .type = DataType::U8, .executions = 2};
  EXPECT_EQ(value_bytes(layer), 6u);
  EXPECT_EQ(*to_wire(layer, Bytes{1, 2, 3, 4, 5, 6}), (Bytes{1, 2, 3, 0, 4, 5, 6, 0}));
  EXPECT_EQ(from_wire(layer, Bytes{1, 2, 3, 0, 4, 5, 6, 0}), (Bytes{1, 2, 3, 4, 5, 6}));
}

TEST(Wire, TablesThatPointOutsideAreAnError) {
  Layer layer = tiled();
  layer.layout.tile_byte_offset[1] = 20;
  EXPECT_FALSE(to_wire(layer, Bytes(12)));
  layer = tiled();
  layer.layout.x_to_tile[2] = 7;
  EXPECT_FALSE(to_wire(layer, Bytes(12)));
  EXPECT_FALSE(to_wire(tiled(), Bytes(11)));
}

}  // namespace
}  // namespace edgescope::virtual_usb::coral
