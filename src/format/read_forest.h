// Opening a tree ensemble of any format, as read_model opens a network.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/mapped_file.h"
#include "format/content.h"
#include "format/forest/ensemble.h"
#include "graph/model.h"

namespace edgescope::format {

struct Forest {
  forest::Ensemble ensemble;
  Content content = Content::Unknown;
  std::optional<graph::Model> model;  // ONNX: the graph that the ensemble stands in
};

// Formats that hold nothing but tree ensembles; ONNX holds them among other things.
bool only_forests(Content content);

// "xgboost", "lightgbm", "treelite", "onnx": what documents call the format.
std::string_view forest_format_name(Content content);

// Maps the file, recognises its content and reads it. A file that is no tree ensemble is an error (Fault::input),
// and so is one that says what forest::Ensemble cannot.
base::Result<Forest> read_forest(const std::string& path);
base::Result<Forest> read_forest(const base::MappedFile& file);

}  // namespace edgescope::format
