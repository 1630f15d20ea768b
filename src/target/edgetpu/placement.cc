#include "target/edgetpu/placement.h"

#include <bit>
#include <cstring>

namespace edgescope::target::edgetpu {
namespace {

constexpr std::size_t kInstruction = 16;
constexpr std::size_t kRecord = 4 * kInstruction;

std::uint64_t word(std::span<const std::byte> bytes, std::size_t offset) {
  std::uint64_t value = 0;
  for (int i = 7; i >= 0; --i) value = value << 8 | std::to_integer<std::uint64_t>(bytes[offset + i]);
  return value;
}

}  // namespace

std::vector<PlacedBlock> placement(const format::edgetpu::Executable& executable) {
  std::vector<PlacedBlock> blocks;
  if (executable.type != format::edgetpu::ExecutableType::ParameterCaching) return blocks;
  for (const auto& chunk : executable.instructions) {
    std::size_t at = 0;
    while (at + kRecord <= chunk.bytes.size()) {
      const std::uint64_t low = word(chunk.bytes, at), high = word(chunk.bytes, at + 8);
      if ((low & 0xFFF) != 0x440) {
        at += kInstruction;
        continue;
      }
      blocks.push_back({.tiles = static_cast<std::uint16_t>(low >> 12 & 0xFFFF),
                        .row = static_cast<int>((low >> 62 | high << 2) & 0xFFF),
                        .rows = static_cast<int>((high >> 31 & 0xFFF) + 1)});
      at += kRecord;
    }
  }
  return blocks;
}

std::uint64_t rows_used(const std::vector<PlacedBlock>& blocks) {
  std::uint64_t rows = 0;
  for (const PlacedBlock& block : blocks)
    rows += static_cast<std::uint64_t>(std::popcount(block.tiles)) * static_cast<std::uint64_t>(block.rows);
  return rows;
}

}  // namespace edgescope::target::edgetpu
