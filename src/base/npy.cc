#include "base/npy.h"

#include <fmt/format.h>

#include <bit>
#include <charconv>
#include <cstring>
#include <string_view>

#include "base/checked.h"
#include "base/mapped_file.h"

namespace edgescope::base {
namespace {

using namespace std::string_view_literals;

static_assert(std::endian::native == std::endian::little, "numbers are read as they stand in the file");

// What stands behind a key of the header, a Python dictionary: "{'descr': '<f4', 'fortran_order': False, ...}".
std::string_view behind(std::string_view header, std::string_view key) {
  const std::size_t at = header.find(key);
  if (at == header.npos) return {};
  header.remove_prefix(at + key.size());
  header.remove_prefix(std::min(header.find_first_not_of(" :'\""), header.size()));
  return header;
}

template <typename T>
std::vector<double> numbers(std::span<const std::byte> data, std::uint64_t count) {
  std::vector<double> values;
  values.reserve(count);
  for (std::uint64_t i = 0; i < count; ++i) {
    T value;
    std::memcpy(&value, data.data() + i * sizeof value, sizeof value);
    values.push_back(value);
  }
  return values;
}

}  // namespace

Result<NpyArray> parse_npy(std::span<const std::byte> bytes, const std::string& name) {
  const auto broken = [&](std::string what, std::string remedy = {}) {
    return fail({.what = std::move(what), .file = name, .remedy = std::move(remedy)});
  };
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  if (!text.starts_with("\x93NUMPY"sv) || text.size() < 12)
    return broken("is no array of NumPy's (.npy)", "Write it with numpy.save.");
  const bool long_header = text[6] != 1;
  std::uint32_t length = 0;
  std::memcpy(&length, text.data() + 8, long_header ? 4 : 2);
  const std::uint64_t start = long_header ? 12 : 10;
  if (!within(start, length, text.size())) return broken("ends within its header");
  const std::string_view header = text.substr(start, length);

  const std::string_view type = behind(header, "'descr'"sv);
  NpyArray array;
  array.float32 = type.starts_with("<f4");
  array.uint8 = type.starts_with("|u1");  // as images come
  if (!array.float32 && !array.uint8 && !type.starts_with("<f8"))
    return broken(fmt::format("holds elements of type {}", type.substr(0, type.find_first_of("',}"))),
                  "float32, float64 and uint8 are read: array.astype(numpy.float32).");
  if (behind(header, "'fortran_order'"sv).starts_with("True"))
    return broken("is stored column by column", "Save numpy.ascontiguousarray(array).");
  std::string_view shape = behind(header, "'shape'"sv);
  if (!shape.starts_with('(')) return broken("has no shape");
  shape = shape.substr(1, shape.find(')') - 1);
  std::uint64_t count = 1;
  while (!shape.empty()) {
    std::uint64_t dim = 0;
    const auto [end, error] = std::from_chars(shape.data(), shape.data() + shape.size(), dim);
    const auto product = checked_mul(count, dim);
    if (error != std::errc() || !product) return broken("has a shape that cannot be");
    array.shape.push_back(dim);
    count = *product;
    shape.remove_prefix(static_cast<std::size_t>(end - shape.data()));
    shape.remove_prefix(std::min(shape.find_first_not_of(", "), shape.size()));
  }
  const auto data = bytes.subspan(start + length);
  const auto size = checked_mul(count, array.float32 ? 4 : array.uint8 ? 1 : 8);
  if (!size || *size != data.size()) return broken(fmt::format("holds {} bytes for {} elements", data.size(), count));
  array.values = array.float32 ? numbers<float>(data, count)
                 : array.uint8 ? numbers<std::uint8_t>(data, count)
                               : numbers<double>(data, count);
  return array;
}

Result<NpyArray> read_npy(const std::string& path) {
  EDGESCOPE_TRY(file, MappedFile::open(path));
  return parse_npy(file.bytes(), path);
}

}  // namespace edgescope::base
