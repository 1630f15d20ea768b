// A compiled Edge TPU model beside the model that it was compiled from: which source operators stayed on
// the CPU and why, which source parameters became which stored bytes, and how far what the caching law
// predicts is from what the compiler did.
#pragma once

#include <string>
#include <vector>

#include "analysis/compiled_edgetpu.h"
#include "target/edgetpu/attribution.h"
#include "target/edgetpu/ledger.h"
#include "target/edgetpu/memory_model.h"
#include "target/verdict.h"

namespace edgescope::analysis {

struct EdgeTpuSource {
  std::string file;
  std::size_t operators = 0;  // of the source
  struct CpuOperator {
    int source = -1, compiled = -1;  // operators of the two main subgraphs
    std::string name, kind, source_kind;
    target::Verdict verdict;  // what the rules say of it
  };
  std::vector<CpuOperator> cpu;
  target::edgetpu::Ledger decoded;
  target::edgetpu::MemoryPrediction prediction;  // by the compiler generation that explains the file best
  target::edgetpu::Attribution found;            // one for each of the prediction's layers
};

// Fails where the source holds no counterpart of an operator that the compiled model left on the CPU.
base::Result<EdgeTpuSource> match_source(const graph::Model& compiled, const std::vector<EdgeTpuOperator>& operators,
                                         const graph::Model& source);

// The document's `edgetpu.source` member (docs/json.md).
base::Json edgetpu_source_json(const EdgeTpuSource& source);

}  // namespace edgescope::analysis
