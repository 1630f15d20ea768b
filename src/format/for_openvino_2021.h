// A model as OpenVINO 2021 reads it, whose plugin answers for the NCS2: IR up to version 10 and ONNX up to opset 13 as
// they are, everything else converted where all of its operators can be said.
#pragma once

#include <optional>
#include <string>

#include "base/error.h"
#include "base/temporary_folder.h"
#include "graph/model.h"

namespace edgescope::format {

struct Readable {
  graph::Model model;                           // what the plugin reads: its first file is the one to hand over
  std::string note;                             // a sentence on what was converted; empty where nothing was
  std::optional<base::TemporaryFolder> folder;  // of the converted file, which lives as long
};

// The error names the operators that have no words there.
base::Result<Readable> for_openvino_2021(graph::Model model);

}  // namespace edgescope::format
