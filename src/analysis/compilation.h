// What compiling for the Edge TPU brings, before and after: which operators the rules put on the device and
// what the caching law says of the parameters, beside what the compiled files hold. The difference is what
// there is to learn, so each side keeps its basis: predicted, and exact.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/json.h"
#include "graph/model.h"
#include "target/edgetpu/memory_model.h"

namespace edgescope::analysis {

struct OperatorCount {
  int mapped = 0, cpu = 0;
  bool operator==(const OperatorCount&) const = default;
};
using OperatorCounts = std::map<std::string, OperatorCount>;  // by the source's own name: "CONV_2D"

struct BytesRange {
  std::uint64_t central = 0, low = 0, high = 0;  // at the central cap, and over the range of caps
};

struct PredictedCompilation {
  target::edgetpu::Compiler compiler = target::edgetpu::Compiler::V16;
  std::string failure;  // why the whole compile would fail; empty where it would not
  OperatorCounts operators;
  BytesRange cached, streamed;
  std::vector<std::string> not_predicted;
};

// Of models that are compiled together, in the command's order; or of one, cut into `segments`.
std::vector<PredictedCompilation> predict_compilation(const std::vector<graph::Model>& models,
                                                      target::edgetpu::Compiler compiler, int segments = 1);

struct ActualCompilation {
  std::size_t subgraphs = 0;  // Edge TPU operators in the compiled files
  OperatorCounts operators;
  std::uint64_t cached_bytes = 0, streamed_bytes = 0;
};

// `compiled`: the file that was made of `source`, or its segments.
base::Result<ActualCompilation> read_compilation(const graph::Model& source, const std::vector<graph::Model>& compiled);

// Sentences: what is not as predicted.
std::vector<std::string> compilation_differences(const PredictedCompilation& predicted,
                                                 const ActualCompilation& actual);

// A member of the document's `models` (docs/json.md); `actual` is absent where nothing was compiled.
base::Json compilation_json(const std::string& input, const std::vector<std::string>& outputs,
                            const PredictedCompilation& predicted, const std::optional<ActualCompilation>& actual);

// The generation that a log's version belongs to: "16.0.384591198" is 16.
std::optional<target::edgetpu::Compiler> compiler_of_version(const std::string& version);

}  // namespace edgescope::analysis
