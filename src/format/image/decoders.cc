#include "format/image/decoders.h"

#include <fmt/format.h>
#include <jpeglib.h>
#include <png.h>

#include <csetjmp>
#include <cstdio>
#include <cstring>

#include "base/checked.h"

// Both libraries leave by longjmp. So nothing that has a destructor lives in the functions that they are called from;
// what outlives them is the caller's `Pixels`.
namespace edgescope::format::image {

bool Pixels::reserve(std::uint64_t wide, std::uint64_t high) {
  const auto count = base::checked_mul(wide, high);
  if (wide == 0 || high == 0 || !count || *count > kMostPixels) {
    problem = fmt::format("it says that it is {} x {} pixels, and at most {} are read", wide, high, kMostPixels);
    return false;
  }
  width = static_cast<int>(wide);
  height = static_cast<int>(high);
  rgba.assign(*count * 4, 255);
  return true;
}

namespace {

struct Source {
  const std::byte* at;
  std::size_t left;
};

void png_take(png_structp png, png_bytep target, png_size_t count) {
  auto* source = static_cast<Source*>(png_get_io_ptr(png));
  if (count > source->left) png_error(png, "it ends early");
  std::memcpy(target, source->at, count);
  source->at += count;
  source->left -= count;
}

void png_failed(png_structp png, png_const_charp what) {
  static_cast<Pixels*>(png_get_error_ptr(png))->problem = what;
  png_longjmp(png, 1);
}

void png_warned(png_structp, png_const_charp) {}

// Everything as 8-bit RGBA, with the file's own values.
void png_as_rgba(png_structp png) {
  png_set_expand(png);
  png_set_strip_16(png);
  png_set_gray_to_rgb(png);
  png_set_add_alpha(png, 255, PNG_FILLER_AFTER);
}

struct JpegError {
  jpeg_error_mgr manager;  // first, so that the library's pointer is this one's
  std::jmp_buf leave;
  Pixels* pixels;
};

void jpeg_failed(j_common_ptr jpeg) {
  auto* error = reinterpret_cast<JpegError*>(jpeg->err);
  char text[JMSG_LENGTH_MAX];
  jpeg->err->format_message(jpeg, text);
  error->pixels->problem = text;
  std::longjmp(error->leave, 1);
}

// What a decoder of pictures for people goes on after would make other numbers of a network's input.
void jpeg_warned(j_common_ptr jpeg, int level) {
  if (level < 0) jpeg_failed(jpeg);
}

// A small file can ask for thousands of passes over a large picture.
void jpeg_limit(j_common_ptr jpeg) {
  constexpr int kMostScans = 200;
  if (reinterpret_cast<j_decompress_ptr>(jpeg)->input_scan_number <= kMostScans) return;
  auto* error = reinterpret_cast<JpegError*>(jpeg->err);
  error->pixels->problem = "it has more scans than any picture needs";
  std::longjmp(error->leave, 1);
}

}  // namespace

bool decode_png(std::span<const std::byte> bytes, Pixels& pixels) {
  png_structp png = png_create_read_struct(PNG_LIBPNG_VER_STRING, &pixels, png_failed, png_warned);
  png_infop info = png != nullptr ? png_create_info_struct(png) : nullptr;
  Source source{bytes.data(), bytes.size()};
  if (info == nullptr) {
    png_destroy_read_struct(&png, nullptr, nullptr);
    pixels.problem = "there is no memory";
    return false;
  }
  if (setjmp(png_jmpbuf(png)) != 0) {
    png_destroy_read_struct(&png, &info, nullptr);
    return false;
  }
  png_set_read_fn(png, &source, png_take);
  png_set_user_limits(png, 1U << 20U, 1U << 20U);
  png_read_info(png, info);
  if (!pixels.reserve(png_get_image_width(png, info), png_get_image_height(png, info))) {
    png_destroy_read_struct(&png, &info, nullptr);
    return false;
  }
  png_as_rgba(png);
  const int passes = png_set_interlace_handling(png);
  png_read_update_info(png, info);
  if (png_get_rowbytes(png, info) != static_cast<std::size_t>(pixels.width) * 4) png_error(png, "its rows are no RGBA");
  for (int pass = 0; pass < passes; ++pass)
    for (int y = 0; y < pixels.height; ++y) png_read_row(png, pixels.row(y), nullptr);
  png_read_end(png, nullptr);
  png_destroy_read_struct(&png, &info, nullptr);
  return true;
}

bool decode_jpeg(std::span<const std::byte> bytes, Pixels& pixels) {
  jpeg_decompress_struct jpeg;
  JpegError error;
  jpeg_progress_mgr progress{};
  std::memset(&jpeg, 0, sizeof jpeg);
  jpeg.err = jpeg_std_error(&error.manager);
  error.manager.error_exit = jpeg_failed;
  error.manager.emit_message = jpeg_warned;
  error.pixels = &pixels;
  progress.progress_monitor = jpeg_limit;
  if (setjmp(error.leave) != 0) {
    jpeg_destroy_decompress(&jpeg);
    return false;
  }
  jpeg_create_decompress(&jpeg);
  jpeg.progress = &progress;
  jpeg_mem_src(&jpeg, reinterpret_cast<const unsigned char*>(bytes.data()), static_cast<unsigned long>(bytes.size()));
  jpeg_read_header(&jpeg, TRUE);
  if (!pixels.reserve(jpeg.image_width, jpeg.image_height)) {
    jpeg_destroy_decompress(&jpeg);
    return false;
  }
  jpeg.out_color_space = JCS_EXT_RGBA;  // alpha is 255; the library refuses what has four colours of ink
  jpeg_start_decompress(&jpeg);
  while (jpeg.output_scanline < jpeg.output_height) {
    JSAMPROW row = pixels.row(static_cast<int>(jpeg.output_scanline));
    jpeg_read_scanlines(&jpeg, &row, 1);
  }
  jpeg_finish_decompress(&jpeg);
  jpeg_destroy_decompress(&jpeg);
  return true;
}

bool decode_bmp(std::span<const std::byte> bytes, Pixels& pixels) {
  const auto little = [&bytes](std::size_t at, int width) {
    std::uint64_t value = 0;
    for (int i = width - 1; i >= 0; --i)
      value = value << 8U | std::to_integer<std::uint64_t>(bytes[at + static_cast<std::size_t>(i)]);
    return value;
  };
  constexpr std::size_t kHeaders = 54;
  if (bytes.size() < kHeaders) {
    pixels.problem = "it ends within its header";
    return false;
  }
  const std::uint64_t data = little(10, 4), header = little(14, 4), bits = little(28, 2), compression = little(30, 4);
  const auto high = static_cast<std::int32_t>(little(22, 4));  // negative: from the top
  if (header < 40 || (bits != 24 && bits != 32) || compression != 0) {
    pixels.problem =
        fmt::format("its {} bits a pixel of compression {} are not read: 24 and 32 without are", bits, compression);
    return false;
  }
  if (!pixels.reserve(little(18, 4), static_cast<std::uint64_t>(std::abs(static_cast<std::int64_t>(high)))))
    return false;
  const std::uint64_t step = bits / 8, stride = (static_cast<std::uint64_t>(pixels.width) * step + 3) / 4 * 4;
  if (!base::within(data, stride * static_cast<std::uint64_t>(pixels.height), bytes.size())) {
    pixels.problem = "it ends early";
    return false;
  }
  for (int y = 0; y < pixels.height; ++y) {
    const int from = high < 0 ? y : pixels.height - 1 - y;
    const std::byte* source = bytes.data() + data + stride * static_cast<std::uint64_t>(from);
    std::uint8_t* target = pixels.row(y);
    for (int x = 0; x < pixels.width; ++x, source += step, target += 4)
      for (int c = 0; c < 3; ++c) target[c] = std::to_integer<std::uint8_t>(source[2 - c]);
  }
  return true;
}

}  // namespace edgescope::format::image
