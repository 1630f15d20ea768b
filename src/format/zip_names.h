// What is in a zip archive's directory: several frameworks' files are archives, told apart by what is inside.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

namespace edgescope::format {

// Views into `bytes`.
struct ZipEntry {
  std::string_view name;
  bool stored = false;                   // not compressed
  std::span<const std::byte> data = {};  // as it stands in the archive; empty where it lies outside
};

// At most 4096; none where the directory cannot be found (cut short, zip64).
std::vector<ZipEntry> zip_entries(std::span<const std::byte> bytes);

// Views into `bytes`. Where the directory cannot be found (cut short, zip64), the name of the first entry.
// At most 4096 names.
std::vector<std::string_view> zip_names(std::span<const std::byte> bytes);

}  // namespace edgescope::format
