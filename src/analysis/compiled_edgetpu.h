// A compiled Edge TPU model opened up: executables, ledger, the operators that stay on the CPU, and where
// the cached parameters lie. All of it is exact, read from the file.
#pragma once

#include <vector>

#include "base/json.h"
#include "format/edgetpu/package.h"
#include "graph/model.h"
#include "target/edgetpu/placement.h"

namespace edgescope::analysis {

struct EdgeTpuOperator {
  int op = -1;  // of the main subgraph
  format::edgetpu::Package package;
};

// The Edge TPU operators of a model, in its order; none for a model that was not compiled.
base::Result<std::vector<EdgeTpuOperator>> edgetpu_operators(const graph::Model& model);

// The document's `edgetpu` member (docs/json.md).
base::Json edgetpu_json(const graph::Model& model, const std::vector<EdgeTpuOperator>& operators);

// Blocks as {`tiles`, `row`, `rows`}.
base::Json placement_json(const std::vector<target::edgetpu::PlacedBlock>& blocks);

}  // namespace edgescope::analysis
