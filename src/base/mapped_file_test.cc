#include "base/mapped_file.h"

#include <gtest/gtest.h>

#include <array>
#include <filesystem>
#include <fstream>

#include "support/scratch.h"

namespace edgescope::base {
namespace {

TEST(MappedFile, ShowsTheBytesAndOutlivesTheOriginal) {
  const testing_support::Scratch scratch;
  const auto path = scratch / "file.bin";
  std::ofstream(path) << "abc";
  MappedFile copy;
  {
    auto file = MappedFile::open(path);
    ASSERT_TRUE(file);
    copy = *file;
  }
  std::filesystem::remove(path);
  ASSERT_EQ(copy.size(), 3u);
  EXPECT_EQ(copy.bytes()[2], std::byte{'c'});
}

TEST(MappedFile, AnEmptyFileIsAnEmptySpan) {
  const testing_support::Scratch scratch;
  const auto path = scratch / "file.bin";
  std::ofstream{path};
  auto file = MappedFile::open(path);
  ASSERT_TRUE(file);
  EXPECT_EQ(file->size(), 0u);
}

TEST(MappedFile, ReleasedPagesComeAgain) {
  const testing_support::Scratch scratch;
  const auto path = scratch / "file.bin";
  std::ofstream(path) << std::string(100'000, 'x');
  auto file = MappedFile::open(path);
  ASSERT_TRUE(file);
  file->release(0, file->size());
  file->release(4096, 10'000);
  file->release(0, file->size() + 1);
  for (std::byte b : file->bytes()) ASSERT_EQ(b, std::byte{'x'});

  std::string text(100'000, 'y');
  const MappedFile borrowed = MappedFile::borrow(std::as_bytes(std::span(text)), "borrowed");
  borrowed.release(0, borrowed.size());
  EXPECT_EQ(text, std::string(100'000, 'y'));
}

TEST(MappedFile, PeeksAtBytesAndEndsWithTheFile) {
  const testing_support::Scratch scratch;
  const auto path = scratch / "file.bin";
  const std::string text = "0123456789";
  std::ofstream(path) << text;
  const auto mapped = MappedFile::open(path);
  ASSERT_TRUE(mapped);
  std::filesystem::remove(path);
  for (const MappedFile& file : {*mapped, MappedFile::borrow(std::as_bytes(std::span(text)), "borrowed")}) {
    std::array<std::byte, 4> bytes{};
    EXPECT_EQ(file.peek(3, bytes), 4u);
    EXPECT_EQ(bytes, (std::array{std::byte{'3'}, std::byte{'4'}, std::byte{'5'}, std::byte{'6'}}));
    EXPECT_EQ(file.peek(8, bytes), 2u);
    EXPECT_EQ(bytes[1], std::byte{'9'});
    EXPECT_EQ(file.peek(10, bytes), 0u);
    EXPECT_EQ(file.peek(~std::uint64_t{0}, bytes), 0u);
  }
  EXPECT_EQ(MappedFile().peek(0, {}), 0u);
}

TEST(MappedFile, ErrorsNameTheFile) {
  auto absent = MappedFile::open("/nonexistent/model.tflite");
  ASSERT_FALSE(absent);
  EXPECT_EQ(absent.error().fault, Fault::input);
  EXPECT_EQ(absent.error().file, "/nonexistent/model.tflite");
  EXPECT_FALSE(MappedFile::open(testing::TempDir()));
}

}  // namespace
}  // namespace edgescope::base
