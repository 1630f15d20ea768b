// A model in the format that the result is to have, where it comes in another: a TFLite or ONNX model as IR for the
// NCS2's plugin, an IR of today as version 10, an ONNX model of a newer operator set as one that the plugin's importer
// reads. A step like a rewrite: done by format/convert.h, and proven by running both files.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "format/convert.h"
#include "rewrite/proof.h"

namespace edgescope::rewrite {

// Sums come in another order and exponential functions from another library (docs/convert.md): as a share of the
// largest value of an output. What NaN and infinities become is the runtimes' affair.
inline constexpr double kFormatTolerance = 1e-5;

struct FormatChange {
  graph::Format from = graph::Format::TfLite;
  format::Destination to;
  std::vector<format::Refusal> refused;  // operators that the other format has no words for
  std::vector<std::string> notes;
  int transposes = 0;
  std::optional<Proof> proof;  // where nothing was refused
  std::string failure;         // why the result must not be used; empty where it may
};

// Whether `destination` is something else than the model is.
bool changes_format(const graph::Model& model, const format::Destination& destination);

// The model, written to `after_file` too. Of no use where the change has a failure. An error where the model cannot
// be converted at all (quantised, several graphs), or nothing here could prove it.
base::Result<graph::Model> change_format(const graph::Model& before, const std::string& before_file,
                                         const std::string& after_file, const ProofRequest& request,
                                         FormatChange& change);

// `conversion` of a document (docs/fix.md).
base::Json to_json(const FormatChange& change);

}  // namespace edgescope::rewrite
