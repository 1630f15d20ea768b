#include "target/edgetpu/placement.h"

#include <gtest/gtest.h>

#include <array>

namespace edgescope::target::edgetpu {
namespace {

using format::edgetpu::Executable;
using format::edgetpu::ExecutableType;

void put(std::vector<std::byte>& bytes, std::size_t record, int bit, int width, std::uint64_t value) {
  for (int i = 0; i < width; ++i)
    if (value >> i & 1) bytes[record + static_cast<std::size_t>(bit + i) / 8] |= std::byte(1 << (bit + i) % 8);
}

TEST(Placement, DecodesRecordsBetweenOtherInstructions) {
  std::vector<std::byte> code(16 + 64 + 32 + 64);
  code[0] = std::byte{0x80};
  for (const auto& [record, tiles, row, rows] : {std::tuple{16, 0x8001, 2047, 3}, std::tuple{112, 0x0004, 15, 4096}}) {
    put(code, static_cast<std::size_t>(record), 0, 12, 0x440);
    put(code, static_cast<std::size_t>(record), 12, 16, static_cast<std::uint64_t>(tiles));
    put(code, static_cast<std::size_t>(record), 62, 12, static_cast<std::uint64_t>(row));
    put(code, static_cast<std::size_t>(record), 95, 12, static_cast<std::uint64_t>(rows - 1));
  }
  Executable executable;
  executable.type = ExecutableType::ParameterCaching;
  executable.instructions.push_back({.bytes = code});
  const auto blocks = placement(executable);
  ASSERT_EQ(blocks.size(), 2u);
  EXPECT_EQ(blocks[0].tiles, 0x8001);
  EXPECT_EQ(blocks[0].row, 2047);
  EXPECT_EQ(blocks[0].rows, 3);
  EXPECT_EQ(blocks[1].rows, 4096);
  EXPECT_EQ(rows_used(blocks), 2u * 3 + 4096);

  executable.type = ExecutableType::ExecutionOnly;
  EXPECT_TRUE(placement(executable).empty());
}

}  // namespace
}  // namespace edgescope::target::edgetpu
