// From what cannot be read to what can: which exporter of which package makes a readable file of it.
#pragma once

#include <span>
#include <string>

#include "base/error.h"
#include "format/content.h"

namespace edgescope::format {

// The error (Fault::input) for `content` that no reader knows. `bytes` tell who pickled an object.
base::Error no_reader(Content content, std::span<const std::byte> bytes, const std::string& path);

}  // namespace edgescope::format
