#include "format/zip_names.h"

#include <zlib.h>

#include <algorithm>
#include <cstdint>
#include <optional>

#include "base/checked.h"

namespace edgescope::format {
namespace {

constexpr std::size_t kMaxNames = 4096;
constexpr std::size_t kEndRecord = 22, kMaxComment = 65535;
constexpr std::size_t kDirectoryEntry = 46, kLocalHeader = 30;

std::uint64_t little(std::string_view text, std::uint64_t at, int width) {
  std::uint64_t value = 0;
  for (int i = width - 1; i >= 0; --i) value = value << 8 | static_cast<unsigned char>(text[at + i]);
  return value;
}

std::optional<std::string_view> name_at(std::string_view text, std::uint64_t offset, std::uint64_t length) {
  if (!base::within(offset, length, text.size())) return std::nullopt;
  return text.substr(offset, length);
}

// Of an entry that the directory says to begin at `offset`: its own header repeats the name, and may add to it.
std::span<const std::byte> data_at(std::span<const std::byte> bytes, std::string_view text, std::uint64_t offset,
                                   std::uint64_t size) {
  if (!base::within(offset, kLocalHeader, text.size()) || text.substr(offset, 4) != "PK\3\4") return {};
  const std::uint64_t start = offset + kLocalHeader + little(text, offset + 26, 2) + little(text, offset + 28, 2);
  return base::within(start, size, text.size()) ? bytes.subspan(start, size) : std::span<const std::byte>();
}

}  // namespace

std::vector<ZipEntry> zip_entries(std::span<const std::byte> bytes) {
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  std::vector<ZipEntry> entries;
  const std::size_t tail = text.size() - std::min(text.size(), kEndRecord + kMaxComment);
  const std::size_t found = text.substr(tail).rfind("PK\5\6");
  const std::size_t end = found == text.npos ? text.size() : tail + found;
  if (!base::within(end, kEndRecord, text.size())) return entries;
  std::uint64_t at = little(text, end + 16, 4);
  while (entries.size() < kMaxNames && base::within(at, kDirectoryEntry, end) && text.substr(at, 4) == "PK\1\2") {
    const std::uint64_t length = little(text, at + 28, 2);
    const auto name = name_at(text, at + kDirectoryEntry, length);
    if (!name) break;
    entries.push_back({.name = *name,
                       .stored = little(text, at + 10, 2) == 0,
                       .deflated = little(text, at + 10, 2) == 8,
                       .size = little(text, at + 24, 4),
                       .crc = static_cast<std::uint32_t>(little(text, at + 16, 4)),
                       .data = data_at(bytes, text, little(text, at + 42, 4), little(text, at + 20, 4))});
    at += kDirectoryEntry + length + little(text, at + 30, 2) + little(text, at + 32, 2);
  }
  return entries;
}

base::Result<std::vector<std::byte>> unpacked(const ZipEntry& entry, const std::string& name) {
  const auto broken = [&](std::string what, std::string remedy = {}) {
    return base::fail(
        {.what = std::move(what), .file = name, .node = std::string(entry.name), .remedy = std::move(remedy)});
  };
  if (entry.stored) return std::vector(entry.data.begin(), entry.data.end());
  if (!entry.deflated)
    return broken("is packed in a way that is not read", "numpy.savez and numpy.savez_compressed write what is.");
  // Deflate packs at most 1032 bytes into one: what claims more would only take memory.
  constexpr std::uint64_t kMostRatio = 1032, kMost = std::uint64_t{1} << 31;
  if (entry.size > kMost || entry.size > (entry.data.size() + 1) * kMostRatio)
    return broken("claims to hold more than it can");
  std::vector<std::byte> bytes(entry.size);
  z_stream stream{};
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<std::byte*>(entry.data.data()));
  stream.avail_in = static_cast<uInt>(entry.data.size());
  std::byte none{};
  stream.next_out = reinterpret_cast<Bytef*>(bytes.empty() ? &none : bytes.data());
  stream.avail_out = static_cast<uInt>(bytes.size());
  if (inflateInit2(&stream, -MAX_WBITS) != Z_OK) return broken("cannot be unpacked: there is no memory");
  const int ended = inflate(&stream, Z_FINISH);
  const std::uint64_t made = stream.total_out;
  inflateEnd(&stream);
  if (ended != Z_STREAM_END || made != bytes.size() ||
      crc32_z(0, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size()) != entry.crc)
    return broken("is damaged: it does not unpack to what the archive says");
  return bytes;
}

std::vector<std::string_view> zip_names(std::span<const std::byte> bytes) {
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  std::vector<std::string_view> names;
  for (const ZipEntry& entry : zip_entries(bytes)) names.push_back(entry.name);
  if (names.empty() && text.starts_with("PK\3\4") && text.size() >= kLocalHeader)
    if (const auto name = name_at(text, kLocalHeader, little(text, 26, 2))) names.push_back(*name);
  return names;
}

}  // namespace edgescope::format
