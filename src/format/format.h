// Opening a model of any format, and writing it in its own.
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

// Replaces the file, and what stands beside it (base/atomic_file.h). An IR as version `ir_version`; 0: as it was.
base::Status write_model(const graph::Model& model, const std::string& path, int ir_version = 0);

}  // namespace edgescope::format
