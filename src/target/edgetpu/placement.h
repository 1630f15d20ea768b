// Where a compiled model's cached parameters lie in the chip's 16 tiles, decoded from the instructions
// that put them there.
//
// A PARAMETER_CACHING bitstream holds one record of four 128-bit instructions a transfer; it starts
// with an instruction whose bits 6-11 are 0x11 (bits 0-5 are 0). Of the record as one 512-bit
// little-endian integer: bits 12-27 tile mask, 62-73 first row, 95-106 row count - 1. A fully
// connected block's header rows are not part of its record. Found by comparing compiled files with the
// compiler's logs; rows x 256 B equal the log's "on-chip memory used" where both are at hand.
#pragma once

#include <cstdint>
#include <vector>

#include "format/edgetpu/package.h"

namespace edgescope::target::edgetpu {

inline constexpr int kTiles = 16;
inline constexpr int kRowsPerTile = 2080;
inline constexpr int kBytesPerRow = 256;

struct PlacedBlock {
  std::uint16_t tiles = 0;  // bit t: tile t holds a copy
  int row = 0;
  int rows = 0;
};

// In the order of the transfers; empty for executables that cache nothing.
std::vector<PlacedBlock> placement(const format::edgetpu::Executable& executable);

// Rows taken over all tiles.
std::uint64_t rows_used(const std::vector<PlacedBlock>& blocks);

}  // namespace edgescope::target::edgetpu
