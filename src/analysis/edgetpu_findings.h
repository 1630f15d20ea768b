// What a compiled Edge TPU model loses: parameters that are streamed, instructions and outputs that
// outweigh the data, memory that spills, operators that stay on the CPU.
//
// Bytes are exact, from the file's DMA hints; microseconds are what the link law predicts for them on
// USB 3 (target/edgetpu/cost.h), and each finding says so.
#pragma once

#include <string>
#include <vector>

#include "analysis/compiled_edgetpu.h"
#include "analysis/edgetpu_source.h"
#include "analysis/finding.h"
#include "target/prediction.h"

namespace edgescope::analysis {

// `source`: what is known of the model that it was compiled from, where that is at hand.
std::vector<Finding> edgetpu_findings(const graph::Model& model, const std::vector<EdgeTpuOperator>& operators,
                                      const EdgeTpuSource* source = nullptr);

// Of a TFLite model that is called compiled (`x_edgetpu.tflite`), or taken for it, and holds no Edge TPU operator.
bool named_as_compiled(const std::string& path);
Finding not_compiled(const std::string& path);

// The link that findings are priced for, in words, and a cost on it.
inline constexpr std::string_view kFindingLink = "USB 3";
FindingCost link_cost(std::uint64_t bytes, const target::Interval& microseconds);

}  // namespace edgescope::analysis
