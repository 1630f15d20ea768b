// The names in a zip archive's directory: several frameworks' files are archives, told apart by what is inside.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

namespace edgescope::format {

// Views into `bytes`. Where the directory cannot be found (cut short, zip64), the name of the first entry.
// At most 4096 names.
std::vector<std::string_view> zip_names(std::span<const std::byte> bytes);

}  // namespace edgescope::format
