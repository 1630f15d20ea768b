// Opening a model of any format.
#pragma once

#include <string>

#include "base/error.h"
#include "base/mapped_file.h"
#include "format/content.h"
#include "graph/model.h"

namespace edgescope::format {

// Maps the file, recognises its content and reads it. What no reader knows is an error (Fault::input) that
// names the exporter leading to a readable file; so is a SavedModel folder.
base::Result<graph::Model> read_model(const std::string& path);

// The same for a file that is open.
base::Result<graph::Model> read_model(const base::MappedFile& file);

}  // namespace edgescope::format
