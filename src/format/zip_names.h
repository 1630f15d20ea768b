// What is in a zip archive's directory: several frameworks' files are archives, told apart by what is inside.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace edgescope::format {

// Views into `bytes`.
struct ZipEntry {
  std::string_view name;
  bool stored = false;                   // not compressed
  bool deflated = false;                 // compressed in the way that all tools know
  std::uint64_t size = 0;                // uncompressed
  std::uint32_t crc = 0;                 // of the uncompressed bytes
  std::span<const std::byte> data = {};  // as it stands in the archive; empty where it lies outside
};

// At most 4096; none where the directory cannot be found (cut short, zip64).
std::vector<ZipEntry> zip_entries(std::span<const std::byte> bytes);

// What an entry holds once it is unpacked: where it is stored that is a copy. `name` is of the archive, for errors.
base::Result<std::vector<std::byte>> unpacked(const ZipEntry& entry, const std::string& name);

// Views into `bytes`. Where the directory cannot be found (cut short, zip64), the name of the first entry.
// At most 4096 names.
std::vector<std::string_view> zip_names(std::span<const std::byte> bytes);

}  // namespace edgescope::format
