// One strategy's program of a tree ensemble in the form that a target takes, and its file.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "analysis/forest_choice.h"
#include "base/error.h"
#include "forest/exact.h"
#include "format/forest/ensemble.h"
#include "graph/model.h"

namespace edgescope::analysis {

struct ForestPlan {
  std::string strategy = "exact";  // "exact", "ptt", "tt", "gemm"
  ForestTarget target = ForestTarget::Cpu;
  graph::Format format = graph::Format::TfLite;
  int batch = 1;
  int height = 0;  // of the exact program's pieces; 0: what is best

  // OpenVINO 2021, which the NCS2 needs, reads old operator sets and version 10.
  int opset() const;
  int ir_version() const { return target == ForestTarget::Ncs2 ? 10 : 11; }
};

struct ForestProgram {
  graph::Model model;
  std::optional<forest::ExactProgram> exact;  // where it is that one: what the host does around it

  std::uint64_t parameter_bytes() const;
};

// A valid ensemble.
base::Result<ForestProgram> build_forest(const forest::Ensemble& ensemble, const ForestPlan& plan);

// The files that were written: an IR has its .bin beside it.
base::Result<std::vector<std::string>> write_forest(const graph::Model& model, const ForestPlan& plan,
                                                    const std::string& path);

}  // namespace edgescope::analysis
