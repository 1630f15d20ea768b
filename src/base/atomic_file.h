// Files are written beside their place and renamed, so that a reader never sees half of one and a kill
// loses nothing.
#pragma once

#include <string>
#include <string_view>

#include "base/error.h"
#include "base/pieces.h"

namespace edgescope::base {

// Replaces `path` by `content`. On failure (Fault::output) an existing file is as it was.
Status write_file(const std::string& path, std::string_view content);
Status write_file(const std::string& path, const Pieces& content);

}  // namespace edgescope::base
