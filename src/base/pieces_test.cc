#include "base/pieces.h"

#include <gtest/gtest.h>

#include "base/atomic_file.h"
#include "base/mapped_file.h"
#include "support/scratch.h"

namespace edgescope::base {
namespace {

std::string joined(const Pieces& pieces) {
  std::string all;
  for (std::string_view each : pieces.list()) all += each;
  return all;
}

TEST(Pieces, KeepTheirOrderAndAlign) {
  const std::string elsewhere = "weights";
  Pieces pieces;
  pieces.own("abc");
  pieces.align(4);
  pieces.refer(elsewhere);
  pieces.align(1);
  EXPECT_EQ(joined(pieces), std::string("abc\0weights", 11));
  EXPECT_EQ(pieces.size(), 11u);
  EXPECT_EQ(pieces.list().back().data(), elsewhere.data());
}

TEST(Pieces, OwnedBytesStayWhereTheyAreWhenMoved) {
  Pieces pieces;
  for (int i = 0; i < 100; ++i) pieces.own(std::to_string(i));
  const std::string before = joined(pieces);
  const Pieces moved = std::move(pieces);
  EXPECT_EQ(joined(moved), before);
}

TEST(Pieces, AreWrittenToAFile) {
  const testing_support::Scratch scratch;
  Pieces pieces;
  pieces.own("a");
  pieces.zeros(2);
  pieces.refer(std::string_view("b"));
  ASSERT_TRUE(write_file(scratch / "x", pieces));
  const auto file = MappedFile::open(scratch / "x");
  ASSERT_TRUE(file);
  EXPECT_EQ(std::string(reinterpret_cast<const char*>(file->bytes().data()), file->size()), std::string("a\0\0b", 4));
}

}  // namespace
}  // namespace edgescope::base
