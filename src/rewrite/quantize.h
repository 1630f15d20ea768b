// A float model as an int8 one, by libraries that do it well: ai-edge-quantizer for TFLite, NNCF for IR. They run in a
// Python environment of their own (scripts/setup.sh venv quantize), on the text of quantize.py, which the program
// holds. What they make is then run beside the float model, on the same rows.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "analysis/difference.h"
#include "base/json.h"
#include "graph/model.h"
#include "runtime/catalog.h"

namespace edgescope::rewrite {

struct QuantizeRequest {
  std::vector<std::string> rows;  // .npy, one file for each input in the model's order; the first dimension is the row
  runtime::Places places;
  std::function<bool()> interrupted = [] { return false; };
};

struct Quantized {
  std::string by;  // the library
  std::string on;  // what ran both
  std::uint64_t rows = 0;
  std::vector<analysis::Difference> outputs;
  std::string failure;  // why the result must not be used; empty where it may
};

// The environment's Python: $EDGESCOPE_QUANTIZE_PYTHON, or that of .venv-quantize beside the runtimes folder.
// Fault::missing names the command that brings it.
base::Result<std::string> find_quantizer(const runtime::Places& places);

// Writes the int8 model to `after_file`, of the same format. An error where the model is quantised already, the rows do
// not fit it, or the library cannot do it, in its words.
base::Result<Quantized> quantize(const graph::Model& before, const std::string& before_file,
                                 const std::string& after_file, const QuantizeRequest& request);

// `quantization` of a document (docs/fix.md).
base::Json to_json(const Quantized& quantized);

}  // namespace edgescope::rewrite
