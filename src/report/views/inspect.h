// What is inside a model, for people: first what it is and costs as a whole, then who owns its bytes,
// which kinds of operators do the work, each operator, and last what was found.
#pragma once

#include <cstdint>
#include <limits>
#include <string>

#include "report/view.h"

namespace edgescope::report {

enum class OperatorOrder { File, Bytes, Macs };

struct InspectOptions {
  std::size_t operators = std::numeric_limits<std::size_t>::max();  // rows of the operator table
  OperatorOrder order = OperatorOrder::File;
  bool tensors = false;  // the table of tensors, which is then the main one
};

View inspect_view(InspectOptions options);

// The parts, for documents that hold an inspection under `model` among other things.
void add_model(Blocks& blocks, const base::Json& model, const InspectOptions& options);
void add_findings(Blocks& blocks, const base::Json& findings);

// "1x224x224x3" of an array of dimensions, "unknown" of null.
std::string shape_text(const base::Json& shape);

}  // namespace edgescope::report
