#include "format/image/image.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <jpeglib.h>
#include <png.h>

#include <cstdio>

namespace edgescope::format::image {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::span<const std::byte> bytes_of(const std::string& text) {
  return std::as_bytes(std::span(text.data(), text.size()));
}

void append(std::string& text, std::uint64_t value, int width) {
  for (int i = 0; i < width; ++i, value = i < 8 ? value >> 8 : 0) text += static_cast<char>(value & 255);
}

// Pixels as (B, G, R) rows from the bottom.
std::string bmp(std::int32_t width, std::int32_t height, const std::string& rows, int bits = 24) {
  std::string text = "BM";
  append(text, 54 + rows.size(), 4);
  append(text, 0, 4);
  append(text, 54, 4);
  append(text, 40, 4);
  append(text, static_cast<std::uint32_t>(width), 4);
  append(text, static_cast<std::uint32_t>(height), 4);
  append(text, 1, 2);
  append(text, static_cast<std::uint64_t>(bits), 2);
  append(text, 0, 24);
  return text + rows;
}

struct PngKind {
  int type, depth;
  bool interlaced;
};

// `row` is repeated; written by libpng itself.
std::string png(int width, int height, const PngKind& kind, const std::string& row, const png_color* palette = nullptr,
                double gamma = 0) {
  std::string text;
  png_structp file = png_create_write_struct(PNG_LIBPNG_VER_STRING, nullptr, nullptr, nullptr);
  png_infop info = png_create_info_struct(file);
  png_set_write_fn(
      file, &text,
      [](png_structp to, png_bytep data, png_size_t size) {
        static_cast<std::string*>(png_get_io_ptr(to))->append(reinterpret_cast<const char*>(data), size);
      },
      nullptr);
  png_set_IHDR(file, info, static_cast<png_uint_32>(width), static_cast<png_uint_32>(height), kind.depth, kind.type,
               kind.interlaced ? PNG_INTERLACE_ADAM7 : PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT,
               PNG_FILTER_TYPE_DEFAULT);
  if (palette != nullptr) png_set_PLTE(file, info, palette, 2);
  if (gamma > 0) png_set_gAMA(file, info, gamma);
  png_write_info(file, info);
  const int passes = kind.interlaced ? png_set_interlace_handling(file) : 1;
  for (int pass = 0; pass < passes; ++pass)
    for (int y = 0; y < height; ++y) png_write_row(file, reinterpret_cast<png_const_bytep>(row.data()));
  png_write_end(file, info);
  png_destroy_write_struct(&file, &info);
  return text;
}

std::string jpeg(int width, int height, const std::vector<std::uint8_t>& rgb) {
  jpeg_compress_struct out;
  jpeg_error_mgr errors;
  out.err = jpeg_std_error(&errors);
  jpeg_create_compress(&out);
  unsigned char* memory = nullptr;
  unsigned long size = 0;
  jpeg_mem_dest(&out, &memory, &size);
  out.image_width = static_cast<JDIMENSION>(width);
  out.image_height = static_cast<JDIMENSION>(height);
  out.input_components = 3;
  out.in_color_space = JCS_RGB;
  jpeg_set_defaults(&out);
  jpeg_set_quality(&out, 100, TRUE);
  jpeg_start_compress(&out, TRUE);
  while (out.next_scanline < out.image_height) {
    auto* row = const_cast<std::uint8_t*>(rgb.data()) + out.next_scanline * static_cast<std::size_t>(width) * 3;
    jpeg_write_scanlines(&out, &row, 1);
  }
  jpeg_finish_compress(&out);
  jpeg_destroy_compress(&out);
  std::string text(reinterpret_cast<const char*>(memory), size);
  std::free(memory);
  return text;
}

std::vector<int> values(const std::string& file, int channels) {
  const auto image = read(bytes_of(file), "x", channels);
  EXPECT_TRUE(image) << image.error().message();
  return image ? std::vector<int>(image->values.begin(), image->values.end()) : std::vector<int>();
}

TEST(Image, BmpGoesFromTheBottomBlueFirst) {
  // Two pixels a row, padded to a multiple of four bytes: the lower row is red and green, the upper one blue and white.
  const std::string rows = std::string("\0\0\xff\0\xff\0..", 8) + std::string("\xff\0\0\xff\xff\xff..", 8);
  EXPECT_THAT(values(bmp(2, 2, rows), 3), ElementsAre(0, 0, 255, 255, 255, 255, 255, 0, 0, 0, 255, 0));
  EXPECT_THAT(values(bmp(2, -2, rows), 3), ElementsAre(255, 0, 0, 0, 255, 0, 0, 0, 255, 255, 255, 255));
  EXPECT_THAT(values(bmp(1, 1, std::string("\x03\x02\x01\x09", 4), 32), 4), ElementsAre(1, 2, 3, 255));
}

TEST(Image, PngOfEveryKind) {
  EXPECT_THAT(values(png(2, 1, {PNG_COLOR_TYPE_RGB, 8, false}, "\x01\x02\x03\x0a\x0b\x0c"), 3),
              ElementsAre(1, 2, 3, 10, 11, 12));
  EXPECT_THAT(values(png(2, 1, {PNG_COLOR_TYPE_GRAY, 8, false}, "\x07\xc8"), 3), ElementsAre(7, 7, 7, 200, 200, 200));
  EXPECT_THAT(values(png(2, 1, {PNG_COLOR_TYPE_GRAY, 8, false}, "\x07\xc8"), 1), ElementsAre(7, 200));
  // Alpha is dropped where it is not asked for, not mixed with a background.
  const std::string clear = png(1, 1, {PNG_COLOR_TYPE_RGBA, 8, false}, std::string("\x05\x06\x07\x00", 4));
  EXPECT_THAT(values(clear, 3), ElementsAre(5, 6, 7));
  EXPECT_THAT(values(clear, 4), ElementsAre(5, 6, 7, 0));
  EXPECT_THAT(values(png(1, 1, {PNG_COLOR_TYPE_GRAY, 16, false}, "\x80\xff"), 1), ElementsAre(128));
  EXPECT_THAT(values(png(8, 1, {PNG_COLOR_TYPE_GRAY, 1, false}, "\xa0"), 1), ElementsAre(255, 0, 255, 0, 0, 0, 0, 0));
  const png_color palette[] = {{1, 2, 3}, {4, 5, 6}};
  EXPECT_THAT(values(png(2, 1, {PNG_COLOR_TYPE_PALETTE, 8, false}, std::string("\x01\x00", 2), palette), 3),
              ElementsAre(4, 5, 6, 1, 2, 3));
  // What displays make of the values is not what a network was trained on.
  EXPECT_THAT(values(png(1, 1, {PNG_COLOR_TYPE_RGB, 8, false}, "\x40\x50\x60", nullptr, 1.0), 3),
              ElementsAre(64, 80, 96));
  std::string row;
  for (int x = 0; x < 9; ++x) row += std::string(3, static_cast<char>(10 * x));
  const auto woven = read(bytes_of(png(9, 9, {PNG_COLOR_TYPE_RGB, 8, true}, row)), "x", 3);
  ASSERT_TRUE(woven) << woven.error().message();
  for (int y = 0; y < 9; ++y)
    for (int x = 0; x < 9; ++x) EXPECT_EQ(woven->at(x, y, 1), 10 * x) << x << " " << y;
}

TEST(Image, JpegComesCloseToWhatWentIn) {
  std::vector<std::uint8_t> rgb;
  for (int i = 0; i < 16 * 8; ++i) rgb.insert(rgb.end(), {200, 100, 50});
  const auto image = read(bytes_of(jpeg(16, 8, rgb)), "x", 3);
  ASSERT_TRUE(image) << image.error().message();
  EXPECT_EQ(image->width, 16);
  EXPECT_EQ(image->height, 8);
  EXPECT_NEAR(image->at(3, 3, 0), 200, 2);
  EXPECT_NEAR(image->at(3, 3, 1), 100, 2);
  EXPECT_NEAR(image->at(3, 3, 2), 50, 2);
}

// ITU-R 601, as Pillow's convert("L") rounds it.
TEST(Image, GreyIsLuma) {
  EXPECT_THAT(values(png(3, 1, {PNG_COLOR_TYPE_RGB, 8, false}, std::string("\xff\0\0\0\xff\0\0\0\xff", 9)), 1),
              ElementsAre(76, 150, 29));
}

TEST(Image, WhatIsBrokenIsRefusedInWords) {
  const auto why = [](const std::string& file) {
    const auto image = read(bytes_of(file), "x.png", 3);
    return image ? std::string("read") : image.error().message();
  };
  const std::string good = png(8, 8, {PNG_COLOR_TYPE_RGB, 8, false}, std::string(24, 'x'));
  EXPECT_THAT(why(good.substr(0, good.size() - 20)), HasSubstr("cannot be decoded"));
  std::string flipped = good;
  flipped[good.size() / 2] ^= 1;
  EXPECT_THAT(why(flipped), HasSubstr("cannot be decoded"));
  const std::string photo = jpeg(16, 16, std::vector<std::uint8_t>(768, 9));
  EXPECT_THAT(why(photo.substr(0, photo.size() / 2)), HasSubstr("cannot be decoded"));
  EXPECT_THAT(why(bmp(2, 2, "short")), HasSubstr("ends early"));
  EXPECT_THAT(why(bmp(1 << 20, 1 << 20, "x")), HasSubstr("pixels"));
  EXPECT_THAT(why(bmp(1, std::numeric_limits<std::int32_t>::min(), "x")), HasSubstr("pixels"));
  EXPECT_THAT(why(bmp(2, 2, "x", 8)), HasSubstr("24 and 32"));
  EXPECT_THAT(why("GIF89a"), HasSubstr("PNG, JPEG and BMP"));
}

// The values of cv2.resize(numpy.uint8([[0, 100]]), (4, 1), interpolation=cv2.INTER_LINEAR), and of shrinking
// [0, 10, 20, 30] to 2: centres at 0.5 and 2.5.
TEST(Resized, IsBilinearWithHalfPixelCentres) {
  const Image two{.width = 2, .height = 1, .channels = 1, .values = {0, 100}};
  EXPECT_THAT(resized(two, 4, 1).values, ElementsAre(0, 25, 75, 100));
  const Image four{.width = 1, .height = 4, .channels = 1, .values = {0, 10, 20, 30}};
  EXPECT_THAT(resized(four, 1, 2).values, ElementsAre(5, 25));
  EXPECT_THAT(resized(two, 2, 3).values, ElementsAre(0, 100, 0, 100, 0, 100));
  const Image colours{.width = 1, .height = 1, .channels = 3, .values = {1, 2, 3}};
  EXPECT_THAT(resized(colours, 2, 1).values, ElementsAre(1, 2, 3, 1, 2, 3));
}

}  // namespace
}  // namespace edgescope::format::image
