// Files that the build puts beside its programs: workers, the stand-in libusb.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace edgescope::runtime {

// The file of this name in this program's folder, or in one above it: test programs lie deeper in the build.
std::optional<std::string> own_file(std::string_view name);

}  // namespace edgescope::runtime
